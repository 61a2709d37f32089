"""Tables and reports that evaluation tools write."""
