#!/usr/bin/env python3
"""Load a CSV file into a table through Hallpass, as one stream with constant memory.

    hallpass run -p demo --document sales --permissions read,write -- python3 examples/bulk-load.py orders.csv [Table] [--resume ROWS]

The first line of the CSV contains the column IDs. Encoding (UTF-8, UTF-16, Latin-1), separator (comma, semicolon, tab) and
quoted line breaks are recognized. Column types come from describe_table, so "007" stays text in a Text column; without the read
permission, numbers are guessed. An empty cell is null. After an error, --resume ROWS continues where the load stopped.
Requires only Python 3. hallpass run provides the token.
"""
import argparse
import codecs
import csv
import datetime
import http.client
import itertools
import json
import os
import re
import sys
from urllib.parse import quote, urlsplit

GUESS = "?"
TRUE, FALSE = {"true", "t", "yes", "y", "1"}, {"false", "f", "no", "n", "0"}


class Problem(Exception):
    """A sentence for the person who runs this script."""


def open_csv(path):
    """Open a file in the encoding that its first bytes show. Excel writes a byte order mark, older programs Latin-1."""
    try:
        with open(path, "rb") as file:
            start = file.read(4)
            if start.startswith((b"\xff\xfe", b"\xfe\xff")):
                return open(path, newline="", encoding="utf-16")
            file.seek(0)
            decoder = codecs.getincrementaldecoder("utf-8")()
            for block in iter(lambda: file.read(1 << 20), b""):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        return open(path, newline="", encoding="utf-8-sig")
    except UnicodeDecodeError:
        return open(path, newline="", encoding="latin-1" if has_c1(path) else "cp1252")
    except OSError as error:
        raise Problem(f"Couldn't open {path}: {error.strerror}. Check the path.") from None


def has_c1(path):
    """Windows-1252 leaves five bytes undefined, and Latin-1 none."""
    with open(path, "rb") as file:
        return any(byte in block for block in iter(lambda: file.read(1 << 20), b"") for byte in b"\x81\x8d\x8f\x90\x9d")


def separator(header):
    return max(",;\t", key=lambda mark: header.count(mark))


def decimal(text, mark):
    """Read a number. In files with semicolons, 1.234,50 is one thousand two hundred thirty-four and a half."""
    return text.replace(".", "").replace(",", ".") if mark == ";" and "," in text else text


def cell(text, kind, mark):
    """Convert the text of a cell to the type of its column. Raises ValueError if it doesn't fit."""
    if text is None or text == "":
        return None
    name = kind.split(":")[0]
    if name in ("Int", "Ref"):
        whole = int(text.strip())
        return whole if abs(whole) < 2**53 else str(whole)
    if name == "Numeric":
        number = decimal(text.strip(), mark)
        value = float(number)
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError
        return int(number) if number.lstrip("+-").isdigit() and abs(value) < 2**53 else value
    if name == "Bool":
        word = text.strip().lower()
        if word in TRUE or word in FALSE:
            return word in TRUE
        raise ValueError
    if name in ("Date", "DateTime"):
        return moment(text.strip(), name)
    return guess(text) if kind == GUESS else text


def guess(text):
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            pass
    return text


def moment(text, name):
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        pass
    # The order of 02.07.2025 is clear, that of 02/07/2025 isn't.
    dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?: (\d{1,2}:\d{2}(?::\d{2})?))?", text)
    if dotted:
        day, month, year, time = dotted.groups()
        text = f"{year}-{month:0>2}-{day:0>2}" + (f"T{time:0>5}" if time else "")
    parsed = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=datetime.timezone.utc)
    return int(parsed.timestamp()) if parsed.microsecond == 0 else parsed.timestamp()


class Table:
    """The rows of a CSV file as NDJSON. The line of a record in the stream leads back to its line in the file."""

    def __init__(self, path, types, skip):
        self.path, self.types, self.skip = path, types, skip
        self.lines = {}
        self.problem = None

    def pieces(self, chunk_bytes=65536):
        """Yield larger pieces, because fewer, fuller writes are faster. A problem ends the stream before its record."""
        pending, size = [], 0
        try:
            for record in self.records():
                line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
                pending.append(line)
                size += len(line)
                if size >= chunk_bytes:
                    yield b"".join(pending)
                    pending, size = [], 0
        except Problem as problem:
            self.problem = problem
        if pending:
            yield b"".join(pending)

    def records(self):
        with open_csv(self.path) as file:
            header = file.readline()
            if header.strip() == "":
                raise Problem(f"{self.path} is empty. Its first line must contain the column IDs.")
            mark = separator(header)
            names = [name.strip() for name in next(csv.reader([header], delimiter=mark))]
            self.check(names)
            rows = csv.reader(file, delimiter=mark, strict=True)
            count, line = 0, 2
            try:
                for row in rows:
                    start, line = line, rows.line_num + 2
                    if not row:
                        continue
                    count += 1
                    if count <= self.skip:
                        continue
                    if len(row) > len(names) and any(row[len(names):]):
                        raise Problem(
                            f"{self.path}, line {start}: {len(row)} cells, but the first line has {len(names)} columns. "
                            f"Put quotes around cells that contain {mark!r}."
                        )
                    self.lines[count] = start
                    self.lines.pop(count - 100_000, None)
                    yield dict(self.cells(names, row, mark, start))
            except csv.Error as error:
                raise Problem(f"{self.path}, line {line}: {error}. Check the quotes of this line.") from None

    def cells(self, names, row, mark, line):
        for name, text in itertools.zip_longest(names, row[:len(names)]):
            try:
                yield name, cell(text, self.kind(name), mark)
            except (ValueError, OverflowError):
                raise Problem(
                    f"{self.path}, line {line}: {text!r} in column {name} doesn't fit type {self.kind(name)}. "
                    "Correct the cell, or leave it empty."
                ) from None

    def kind(self, name):
        return GUESS if self.types is None else self.types[name]

    def check(self, names):
        unknown = [] if self.types is None else [name for name in names if name not in self.types]
        if unknown:
            raise Problem(
                f"{self.path}, line 1: the table has no column {', '.join(map(repr, unknown))}. "
                f"Its columns are {', '.join(self.types)}."
            )
        if len(set(names)) < len(names):
            raise Problem(f"{self.path}, line 1: a column appears twice. Rename or remove one of them.")


class Server:
    def __init__(self, token, address):
        self.token, self.address = token, urlsplit(address)

    def connect(self):
        return http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=600)

    def headers(self, kind, **more):
        return {"Authorization": f"Bearer {self.token}", "Content-Type": kind, **more}

    def columns(self, table):
        connection = self.connect()
        body = json.dumps({"method": "describe_table", "table": table})
        connection.request("POST", self.address.path, body, self.headers("application/json"))
        answer = json.loads(connection.getresponse().read())
        connection.close()
        if answer.get("code") == "UNAUTHORIZED":
            return None
        if answer.get("success") is not True:
            raise Problem(f"{answer.get('code')}: {answer.get('error')}")
        return {one["id"]: one["type"] for one in answer["data"]["columns"] if not one.get("formula")}

    def load(self, table, pieces):
        """Send a stream and yield its progress objects. The last one is an error or has "done"."""
        connection = self.connect()
        path = f"{self.address.path}?method=add_records&table={quote(table)}"
        headers = self.headers("application/x-ndjson", Accept="application/x-ndjson")
        try:
            connection.request("POST", path, pieces, {**headers, "Transfer-Encoding": "chunked"}, encode_chunked=True)
        except (BrokenPipeError, ConnectionResetError):
            # Hallpass stopped reading because of an error, which is in its response.
            pass
        try:
            for line in connection.getresponse():
                yield json.loads(line)
        except (OSError, http.client.HTTPException, ValueError):
            return


def load(server, path, table, skip):
    rows = Table(path, server.columns(table), skip)
    last, reached = {}, 0
    for last in server.load(table, rows.pieces()):
        if last.get("success") is False:
            details = last.get("details") or {}
            reached = details.get("line", reached)
            failed = details.get("failed_line")
            where = "" if failed is None else f"{path}, line {rows.lines.get(skip + failed, '?')}: "
            raise Problem(f"{where}{last['code']}: {last['error']} {way_out(skip + reached)}")
        reached = last.get("line", reached)
        print(f"\r{skip + last.get('added', 0):,} rows", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if rows.problem is not None:
        raise Problem(f"{rows.problem} {way_out(skip + reached)}")
    if not last.get("done"):
        raise Problem(f"The stream ended unexpectedly. {way_out(skip + reached)}")
    print(f"loaded {last['added']:,} rows into {table}")


def way_out(stored):
    if stored == 0:
        return "No rows were stored."
    return f"{stored:,} rows are stored. Continue with --resume {stored}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("table", nargs="?", default="Orders")
    parser.add_argument("--resume", type=int, default=0, metavar="ROWS", help="number of rows that are stored already")
    given = parser.parse_args()
    try:
        server = Server(os.environ["HALLPASS_TOKEN"], os.environ["HALLPASS_PROXY_URL"])
    except KeyError as missing:
        sys.exit(f"{missing} isn't set. Run this script with hallpass run … --")
    try:
        load(server, given.file, given.table, given.resume)
    except Problem as problem:
        sys.exit(str(problem))
    except OSError as error:
        sys.exit(f"Couldn't reach Hallpass ({error}). Check that it is running.")


if __name__ == "__main__":
    main()
