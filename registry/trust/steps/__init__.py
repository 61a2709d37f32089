"""One file per family of records: what a verified record adds to the state, or why it is refused."""
