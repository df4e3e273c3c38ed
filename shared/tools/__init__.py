"""What an agent can do; one tool a file, all of one shape."""
