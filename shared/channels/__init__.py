"""Where customers write; one channel a file, all of one shape."""
