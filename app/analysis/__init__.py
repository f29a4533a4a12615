"""The mathematics: pure functions on plain records, no tables, no files formats, no window."""
