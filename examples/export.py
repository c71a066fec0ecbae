#!/usr/bin/env python3
"""Writes a table as CSV to standard output, streamed through Hallpass.

    hallpass run -p demo --document sales --permissions read -- python3 examples/export.py Orders > orders.csv

Needs nothing but Python 3; the token comes from `hallpass run`.
"""
import csv
import http.client
import json
import os
import sys
from urllib.parse import urlsplit


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        token, address = os.environ["HALLPASS_TOKEN"], urlsplit(os.environ["HALLPASS_PROXY_URL"])
    except KeyError as missing:
        sys.exit(f"{missing} is not set: start this script with `hallpass run … --`")
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=600)
    connection.request(
        "POST",
        address.path,
        body=json.dumps({"method": "get_records", "table": sys.argv[1]}),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/x-ndjson"},
    )
    writer = None
    for line in connection.getresponse():
        record = json.loads(line)
        if record.get("success") is False:
            sys.exit(f"{record['code']}: {record['error']}")
        if writer is None:
            writer = csv.DictWriter(sys.stdout, fieldnames=list(record), extrasaction="ignore")
            writer.writeheader()
        writer.writerow(record)


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        # The reader (`| head`) has had enough; nothing is left to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
