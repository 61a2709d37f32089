"""The use cases, one per file: each gathers facts, asks the rules, writes records."""
