"""Data files that travel with the program; found through :func:`app.resources.resource`."""
