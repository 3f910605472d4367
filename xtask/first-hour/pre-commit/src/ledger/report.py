from ledger.entries import total


def report(entries):
    return f"total: {total(entries)}"
