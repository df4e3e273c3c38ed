"""Chat models behind one port, and what they cost."""
