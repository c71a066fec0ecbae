"""Starts a shell in a real terminal, types text into it and waits for answers.

Input on stdin, as JSON: {"command": [...], "env": {...}, "steps": [[text, pattern], ...]}. Each pattern is a regular
expression that must match what the terminal shows after the text was typed, without control sequences. Prints what was
shown, and exits with 1 if a pattern doesn't match in time.
"""
import json, os, pty, re, select, sys, time

LIMIT = 60
job = json.load(sys.stdin)
pid, terminal = pty.fork()
if pid == 0:
    os.execvpe(job["command"][0], job["command"], job["env"])

CONTROLS = re.compile(rb"\x1b\[[0-9;?<>=]*[a-zA-Z]|\x1b[()][A-Z0-9]|\x1b\][^\x07]*\x07|\x1b[=>]|\r")
everything = b""


def read_until(pattern):
    global everything
    shown = b""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.1)
        if not ready:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        everything += piece
        shown += piece
        if re.search(pattern.encode(), CONTROLS.sub(b"", shown)):
            return True
    return False


failed = None
for text, pattern in job["steps"]:
    os.write(terminal, text.encode())
    if not read_until(pattern):
        failed = pattern
        break
sys.stdout.write(CONTROLS.sub(b"", everything).decode(errors="replace"))
os.kill(pid, 9)
os.waitpid(pid, 0)
if failed is not None:
    sys.stdout.write(f"\nNot shown: {failed}\n")
    sys.exit(1)
