"""What the screens show, read from the fold and from bodies that are re-hashed when opened."""
