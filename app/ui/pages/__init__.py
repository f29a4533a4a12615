"""The pages, one file each; they know each other by name only."""
