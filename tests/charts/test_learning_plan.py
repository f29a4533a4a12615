"""The page of a learning plan: everything on it, nothing beyond its edges, and a word about what did not fit."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from app.charts.learning_plan import LearningPage, LearningRow, LearningSection, learning_page, learning_pdf
from tests.counts import is_whole


def page(rows: int, words: int = 6) -> LearningPage:
    text = " ".join(f"word{number}" for number in range(words))
    made = tuple(
        LearningRow(f"Row{number} {text}", text, text, "2026-27 Q4", "12", is_planned=number % 2 == 0)
        for number in range(rows)
    )
    sections = tuple(
        LearningSection(kind, made, 12.0 * rows, "Nothing")
        for kind in ("On the job", "From others", "Formal")
    )
    return LearningPage(
        "Learning plan: $Somebody",
        "Staff id 1",
        text,
        "OFFICIAL-SENSITIVE",
        sections,
        (("Testing", text),),
        "Made",
    )


def texts(figure: object) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("rows", "words"), [(0, 3), (1, 6), (4, 12), (20 if is_whole() else 8, 30), (3, 300)]
)
def test_nothing_lies_beyond_the_edges_or_over_the_signatures(rows: int, words: int) -> None:
    figure = learning_page(page(rows, words))
    canvas = FigureCanvasAgg(figure)
    renderer = canvas.get_renderer()
    wide, high = figure.get_size_inches() * figure.dpi
    signatures = min(
        text.get_window_extent(renderer).y1
        for text in figure.axes[0].texts
        if text.get_text().startswith("Agreed by")
    )
    for text in figure.axes[0].texts:
        box = text.get_window_extent(renderer)
        assert 0 <= box.x0 <= box.x1 <= wide - 20, text.get_text()
        assert 0 <= box.y0 <= box.y1 <= high, text.get_text()
        if not text.get_text().startswith(("Agreed by", "Date", "Made", "OFFICIAL")):
            assert box.y0 > signatures, text.get_text()


@pytest.mark.long
def test_a_plan_that_fits_is_whole_and_one_that_does_not_says_how_much_is_missing() -> None:
    whole = texts(learning_page(page(3)))
    assert sum(text.startswith("Row") for text in whole) == 9
    assert not any("not fit" in text for text in whole)
    rows = 40 if is_whole() else 15
    cut = texts(learning_page(page(rows)))
    shown = sum(text.startswith("Row") for text in cut)
    (said,) = [text for text in cut if "not fit" in text]
    assert int(said.split()[0]) + shown + sum(text == "Testing" for text in cut) == 3 * rows + 1


def test_the_same_pages_are_the_same_bytes() -> None:
    assert learning_pdf([page(2), page(3)], "Two") == learning_pdf([page(2), page(3)], "Two")
