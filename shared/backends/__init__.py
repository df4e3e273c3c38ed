"""What stands behind the ports: one folder a backend, the same file names in each."""
