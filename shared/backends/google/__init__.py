"""The ports on Google Cloud, each through its own service."""
