"""Private keys: OpenSSH files of the person and of the registry."""
