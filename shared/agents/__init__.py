"""How an agent thinks: the graph of a desk's turn."""
