"""The command line: `frontdesk COMMAND`, or `python -m shared.cli COMMAND`; a file is a command."""
