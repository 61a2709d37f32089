"""Starter policies, as YAML."""
