"""Standard formats out."""
