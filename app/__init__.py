"""Muster: digital skills and workforce planning in government."""

__version__ = "0.1.0"
