"""Pictures from frozen records: heat map, bars, trend; PNG, SVG and PDF. The one place that imports
matplotlib.

matplotlib takes half a second to import, so every module here imports it inside the functions that draw.
"""
