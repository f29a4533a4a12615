"""Bytes on one side, plain records and row-numbered problems on the other (ARCHITECTURE, section 3)."""
