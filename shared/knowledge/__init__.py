"""What a desk knows: its files, read and searched."""
