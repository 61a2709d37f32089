"""What can be said: frozen values, their canonical bytes, and errors. Nothing here does I/O."""
