"""Nouns and rules, pure: no input or output, no vendor's library."""
