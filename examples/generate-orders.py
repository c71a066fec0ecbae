#!/usr/bin/env python3
"""Makes believable orders for the sample document: python3 examples/generate-orders.py 100000 > orders.csv"""
import csv
import datetime
import random
import sys


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    chance = random.Random(7717)
    first_day = int(datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["Customer", "Product", "Quantity", "Amount", "Ordered", "Status"])
    for _ in range(int(sys.argv[1])):
        quantity = chance.randint(1, 12)
        writer.writerow([
            chance.randint(1, 64),
            chance.randint(1, 20),
            quantity,
            round(quantity * chance.uniform(2, 90), 2),
            first_day + chance.randrange(680) * 86_400,
            chance.choice(["open", "paid", "paid", "shipped"]),
        ])


if __name__ == "__main__":
    main()
