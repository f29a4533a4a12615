"""Measurements: how fast and how right the program is. Each module runs as ``python -m benchmarks.NAME``."""
