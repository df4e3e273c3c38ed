"""Durable graph runs and their checkpoints."""
