"""A YAML file to a validated desk, its versions and their publishing."""
