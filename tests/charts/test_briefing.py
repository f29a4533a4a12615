"""The briefing page: nothing overlaps or leaves the page, whatever the names; one page, its text can be read back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from app.charts.briefing import BriefingPage, Headline, IntervalLine, Passage, ShortageLine, briefing
from app.charts.paper import at_most, fitted, text_inches, wrapped
from app.charts.pictures import DocumentFacts, document, with_language

LONG = "Department for the Administration of Very Long Names, Communities, Local Government and $5 Notes"
ENDLESS = "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz" * 2
DPI = 720
FACTS = DocumentFacts(
    "Briefing: Ünit (1)", "A. Tester", datetime(2026, 11, 23, 9, tzinfo=UTC), language="en-GB"
)


def page(name: str = "Home Office", groups: int = 8, shortages: int = 6) -> BriefingPage:
    words = f"{name} has something to say about {name}, and says so at some length."
    parts = tuple((f"{name} {number}", f"+{number},000") for number in range(7))
    return BriefingPage(
        marking=f"OFFICIAL-SENSITIVE {name if len(name) > 40 else ''}",
        kicker=f"Digital skills briefing · as at 23 November 2026 · {name}",
        department=name,
        title=f"{name} meets 56 % of its assessed requirements; {name} is the largest shortage",
        headlines=tuple(Headline(value, words) for value in ("over 99 %", "[c]", "123,456", "under 1 %", "1,234,567")),
        comparison=Passage(f"Against the other units of {name}", (words,)),
        intervals=tuple(
            IntervalLine(f"{n} {name}", share, low, 1.0, "not assessed" if share is None else "100 %", n == 3)
            for n, share, low in [(n, n / 30 if n != 2 else None, n / 35 if n != 2 else None) for n in range(groups)]
        ),
        shortage=Passage("Largest shortages", (words,)),
        shortages=tuple(ShortageLine(f"{number} {name}", 1.0 - number / 20, words) for number in range(shortages)),
        passages=(
            Passage(f"Since 1 September 2026 {name}"[:40], (words, words), parts),
            Passage("If one or two people left", (words, words, words)),
            Passage("What training would buy", (words,), parts[:4]),
        ),
        sure=Passage("How sure we are", (words, words, words)),
        source=f"Source: {words}",
    )  # fmt: skip


def _boxes(figure: Figure) -> list[tuple[str, Bbox]]:
    # measured as on paper: so finely that letters are not moved to whole dots; nothing is drawn
    figure.set_dpi(DPI)
    renderer = RendererAgg(10, 10, DPI)
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text().strip()]
    shown = [text for text in texts if text.get_visible() and text.get_window_extent(renderer).width > 1]
    return [
        (text.get_text(), text.get_window_extent(renderer)) for text in shown if text.axes.axison is False
    ]


@pytest.mark.parametrize("name", ["Home Office", LONG, ENDLESS, "X"])
@pytest.mark.parametrize(("groups", "shortages"), [(8, 6), (30, 12), (1, 0), (0, 1)])
def test_no_text_overlaps_another_or_leaves_the_page(name: str, groups: int, shortages: int) -> None:
    figure = briefing(page(name, groups, shortages))
    boxes = _boxes(figure)
    wide, high = figure.get_size_inches() * DPI
    assert len(boxes) > 20
    for text, box in boxes:
        assert box.x0 > 0.3 * DPI, text
        assert box.x1 < wide - 0.3 * DPI, text
        assert 0 < box.y0 < box.y1 < high, text
    for (one, first), (other, second) in combinations(boxes, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        down = min(first.y1, second.y1) - max(first.y0, second.y0)
        # line boxes reach a little beyond their letters
        assert across < DPI * 0.01 or down < DPI * 0.03, (one, other)


def test_the_text_of_the_pdf_is_text_with_its_fonts_inside() -> None:
    pdf = document([briefing(page())], FACTS)
    assert b"/FontFile2" in pdf
    assert b"/ToUnicode" in pdf
    assert b"/Type3" not in pdf.replace(b" ", b"")


def test_a_document_says_title_author_language_and_the_day_it_was_made() -> None:
    pdf = document([briefing(page())], FACTS)
    assert b"/Lang (en-GB)" in pdf
    assert b"/DisplayDocTitle true" in pdf
    assert b"D:20261123090000" in pdf
    assert b"A. Tester" in pdf
    assert pdf.count(b"/Type /Page\n") + len(re.findall(rb"/Type /Page ", pdf)) == 1


def test_the_table_of_the_update_points_at_the_catalogue() -> None:
    pdf = document([briefing(page()), briefing(page(LONG))], FACTS)
    start = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    number, place = re.match(rb"xref\n(\d+) 1\n(\d{10}) 00000 n \n", pdf[start:]).groups()  # type: ignore[union-attr]
    assert pdf[int(place) :].startswith(number + b" 0 obj")
    before = int(re.findall(rb"/Prev (\d+)", pdf)[-1])
    assert pdf[before:].startswith(b"xref")


def test_what_is_not_a_pdf_as_expected_is_left_as_it_is() -> None:
    assert with_language(b"%PDF-1.4 nothing", "en-GB") == b"%PDF-1.4 nothing"


def test_the_same_page_gives_the_same_bytes() -> None:
    record = page(LONG)
    assert document([briefing(record)], FACTS) == document([briefing(replace(record))], FACTS)


def test_lines_fit_and_no_word_is_lost() -> None:
    for text in (LONG, ENDLESS, "a b c", "", "  "):
        lines = wrapped(text, 9.0, 1.3)
        assert all(text_inches(line, 9.0) <= 1.3 for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert text_inches(fitted(text, 9.0, 1.3), 9.0) <= 1.3
    cut = at_most(wrapped(LONG, 9.0, 1.3), 2, 9.0, 1.3)
    assert len(cut) == 2
    assert cut[-1].endswith("…")
    assert text_inches(cut[-1], 9.0) <= 1.3
