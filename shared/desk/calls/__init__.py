"""Calls: begun, written down, thought about, handed over and ended, for whoever carries their sound."""
