"""The conversation: recorded, answered, delivered."""
