"""Runs of a desk's workflows: begun, advanced, woken, controlled, and told of in the conversation."""
