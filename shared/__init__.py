"""Everything behind the doors; floors and their order are in ARCHITECTURE.md."""
