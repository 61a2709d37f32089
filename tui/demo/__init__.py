"""Recorded real runs that `muniment demo` fills a registry from."""
