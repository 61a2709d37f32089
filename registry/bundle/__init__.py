"""The signed audit bundle: written, read, verified, reported."""
