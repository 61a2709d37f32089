"""Private keys: OpenSSH files of the person and of the registry, and keys that an ssh-agent holds."""
