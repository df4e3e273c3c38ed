"""The ports on one machine: SQLite and a folder, durable, several processes on one file."""
