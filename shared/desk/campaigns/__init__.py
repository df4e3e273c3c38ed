"""Campaigns: the same thing said to many, in their hours, at a rate, until too much of it fails."""
