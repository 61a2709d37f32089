"""Descriptions of models and data sets that other tools and people write."""
