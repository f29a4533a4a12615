"""Figures as files: PNG, SVG and PDF bytes, the same for the same figure (no dates, no random names).

They are returned as bytes; whoever saves them does it in one piece (``app.files.atomic``), which this floor
does not know of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

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


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What a document says of itself: title, author, language, and when it was made (the caller's clock)."""

    title: str
    author: str
    made_at: datetime
    subject: str = ""
    keywords: str = ""
    language: str = "en-GB"


def document(figures: Sequence[Figure], facts: DocumentFacts) -> bytes:
    """Figures as the pages of one PDF: text that can be selected, fonts embedded, same input same bytes."""
    from matplotlib import rc_context  # slow to import
    from matplotlib.backends.backend_pdf import PdfPages

    told: dict[str, Any] = {
        "Title": facts.title,
        "Author": facts.author,
        "Subject": facts.subject,
        "Keywords": facts.keywords,
        "Creator": "Muster",
        "Producer": "Muster",
        "CreationDate": facts.made_at,
        "ModDate": facts.made_at,
    }
    made = BytesIO()
    with rc_context({"pdf.fonttype": 42}), PdfPages(made, metadata=told) as pages:
        for figure in figures:
            pages.savefig(figure, facecolor=figure.get_facecolor())
    return with_language(made.getvalue(), facts.language)


def with_language(pdf: bytes, language: str) -> bytes:
    """The PDF with its language, and its title for the window's title, in its catalogue.

    matplotlib has no way to say either; both are added as PDF itself provides for, by an update at the end of the file
    (ISO 32000-1, 7.5.6).
    """
    root = re.search(rb"/Root (\d+) 0 R", pdf)
    size = re.search(rb"/Size (\d+)", pdf)
    start = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", pdf)
    info = re.search(rb"/Info (\d+) 0 R", pdf)
    if not (root and size and start and info):
        return pdf
    number = root.group(1)
    held = re.search(rb"(?<!\d)" + number + rb" 0 obj\s*<<(.*?)>>\s*endobj", pdf, re.DOTALL)
    if held is None:
        return pdf
    words = f"/Lang ({language}) /ViewerPreferences << /DisplayDocTitle true >>".encode("ascii")
    place = len(pdf)
    catalogue = number + b" 0 obj\n<<" + held.group(1).rstrip() + b" " + words + b" >>\nendobj\n"
    table = b"xref\n" + number + b" 1\n" + b"%010d 00000 n \n" % place
    trailer = (
        b"trailer\n<< /Size " + size.group(1) + b" /Root " + number + b" 0 R /Info " + info.group(1)
        + b" 0 R /Prev " + start.group(1) + b" >>\nstartxref\n%d\n%%%%EOF\n" % (place + len(catalogue))
    )  # fmt: skip
    return pdf + catalogue + table + trailer
