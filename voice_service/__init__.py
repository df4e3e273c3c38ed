"""The voice service: calls and browser rooms, answered by the same desks."""
