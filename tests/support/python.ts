import { spawnSync } from 'node:child_process'

/** Returns the first Python 3 that has `requests`, or null. Also tries the system's Python, because another may come before it on the PATH. */
export function findPython(): string | null {
  const candidates = ['python3', '/usr/bin/python3', 'python']
  return (
    candidates.find(
      (command) =>
        spawnSync(command, ['-c', 'import sys, requests; sys.exit(sys.version_info[0] != 3)'], {
          stdio: 'ignore',
          timeout: 20_000,
        }).status === 0,
    ) ?? null
  )
}
