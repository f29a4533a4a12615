"""Figures as files: PNG, SVG and PDF bytes, the same for the same figure (no dates, no random names).

They are returned as bytes; whoever saves them does it in one piece (``app.files.atomic``), which this floor
does not know of.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PictureFormat = Literal["png", "svg", "pdf"]
_NO_DATES: dict[PictureFormat, dict[str, str | None]] = {
    "png": {"Software": "Muster"},
    "svg": {"Date": None, "Creator": "Muster"},
    "pdf": {"CreationDate": None, "ModDate": None, "Creator": "Muster", "Producer": "Muster"},
}


def picture(figure: Figure, format_: PictureFormat, *, title: str = "", dpi: int = 150) -> bytes:
    """The figure as a file of the given format; ``title`` goes into its properties, for people who cannot see
    it.

    PDF text stays text (it can be searched and read aloud); SVG text becomes outlines, so that it looks alike
    everywhere. ``dpi`` matters for PNG alone.
    """
    from matplotlib import rc_context  # slow to import
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    told: dict[str, str | None] = dict(_NO_DATES[format_])
    if title:
        told["Title"] = title
    made = BytesIO()
    FigureCanvasAgg(figure)
    with rc_context({"svg.hashsalt": "muster", "svg.fonttype": "path", "pdf.fonttype": 42}):
        figure.savefig(made, format=format_, dpi=dpi, metadata=told, facecolor=figure.get_facecolor())
    return made.getvalue()


def picture_format(name: str) -> PictureFormat | None:
    """The format that a file name asks for by its ending, or None."""
    ending = name.rpartition(".")[2].lower()
    return ending if ending in ("png", "svg", "pdf") else None
