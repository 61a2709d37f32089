"""What others recorded: one folder or file per foreign format, yielding observations, writing nothing."""
