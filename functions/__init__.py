"""The doors: one handler a file, wired in manifest.yaml."""
