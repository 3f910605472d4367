"""Entries of a ledger."""


def total(entries):
    """Return the sum of the amounts."""
    return sum(amount for _, amount in entries)
