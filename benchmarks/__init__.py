"""Figures of the product against yardsticks: see README.md."""
