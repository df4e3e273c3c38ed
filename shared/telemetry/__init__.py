"""Logs and receipts: what happened and what it cost."""
