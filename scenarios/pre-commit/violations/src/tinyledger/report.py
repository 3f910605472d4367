"""What the accounts add up to."""

import pdb
import sys
from decimal import Decimal

from tinyledger.entries import read


def totals(entries):
    """Sum of each account, in the order in which they appear."""
    pdb.set_trace()
    sums = {}
    for entry in entries:
        sums[entry.account] = sums.get(entry.account, Decimal(0)) + entry.amount
    return sums


def main():
    """Prints the totals of the ledger that the command line names."""
    for account, amount in totals(read(sys.argv[1])).items():
        print(f"{account:<10}{amount:>10.2f}")
