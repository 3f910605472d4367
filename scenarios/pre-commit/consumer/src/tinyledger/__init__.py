"""Adds up a ledger kept in a text file."""
