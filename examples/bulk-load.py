#!/usr/bin/env python3
"""Loads a CSV into a document through Hallpass, as one stream: any number of rows, constant memory.

    hallpass run -p demo --document sales --permissions write -- python3 examples/bulk-load.py orders.csv [Table]

The first line of the CSV names the columns. Needs nothing but Python 3; the token comes from `hallpass run`.
"""
import csv
import http.client
import json
import os
import sys
from urllib.parse import quote, urlsplit


def value(text):
    """A CSV knows only text; numbers are sent as numbers, an empty cell as null."""
    if text == "":
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def lines(path, chunk_bytes=65536):
    """One JSON object a line, joined to larger pieces: fewer, fuller writes."""
    with open(path, newline="", encoding="utf-8") as file:
        pending, size = [], 0
        for row in csv.DictReader(file):
            line = json.dumps({column: value(text) for column, text in row.items()}).encode() + b"\n"
            pending.append(line)
            size += len(line)
            if size >= chunk_bytes:
                yield b"".join(pending)
                pending, size = [], 0
        if pending:
            yield b"".join(pending)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    table = sys.argv[2] if len(sys.argv) == 3 else "Orders"
    try:
        token, address = os.environ["HALLPASS_TOKEN"], urlsplit(os.environ["HALLPASS_PROXY_URL"])
    except KeyError as missing:
        sys.exit(f"{missing} is not set: start this script with `hallpass run … --`")
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=600)
    connection.request(
        "POST",
        f"{address.path}?method=add_records&table={quote(table)}",
        body=lines(sys.argv[1]),
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/x-ndjson",
            "Accept": "application/x-ndjson",
            "Transfer-Encoding": "chunked",
        },
        encode_chunked=True,
    )
    last = {}
    for line in connection.getresponse():
        last = json.loads(line)
        if last.get("success") is False:
            sys.exit(f"{last['code']}: {last['error']}")
        print(f"\r{last.get('added', 0):,} rows", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if not last.get("done"):
        sys.exit("the stream ended early")
    print(f"loaded {last['added']:,} rows into {table}")


if __name__ == "__main__":
    main()
