"""OpenLineage: events from files, folders, standard input, and the receiver."""
