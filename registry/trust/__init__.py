"""Formats, signatures, the tree and the fold; needs only cryptography and msgspec."""
