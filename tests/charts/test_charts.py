"""Charts: nothing clipped, values in the cells, the same bytes for the same record, colours that can be told apart."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from app.charts.bars import (
    ReadinessBar,
    ReadinessPicture,
    StackPicture,
    StackSeries,
    readiness_bars,
    stacked_columns,
)
from app.charts.heatmap import HeatCell, HeatPicture, heatmap
from app.charts.pictures import PictureFormat, picture, picture_format
from app.charts.style import DARK, LIGHT, Palette, contrast, heat_colour, text_on
from app.charts.trend import TrendLine, TrendPicture, trend

_LONG = "Communicating between the technical and non-technical, across several departments"
_TITLE = (
    "Digital Services is furthest from ready: 412 of 968 assessed requirements are not met, most of them in data "
    "modelling and in what goes with it"
)
HEAT = HeatPicture(
    _TITLE,
    ("Home Office", "Ministry of Housing, Communities and Local Government", "Cost $5 and $6"),
    ("Data modelling", "User research", _LONG),
    (
        (HeatCell(0.705), None, HeatCell(None)),
        (HeatCell(0.0), HeatCell(1.0, low_coverage=True), HeatCell(0.125)),
        (HeatCell(0.2, "[c]"), HeatCell(0.995), None),
    ),
)
READY = ReadinessPicture(
    _TITLE,
    (
        ReadinessBar("Home Office", 0.71, "412 of 580 met, coverage 92 %"),
        ReadinessBar("Ministry of Housing, Communities and Local Government", None, "nobody of 31"),
        ReadinessBar("Justice", 0.0, "0 of 12 met, coverage 31 %", low_coverage=True),
    ),
)
STACK = StackPicture(
    _TITLE,
    ("2026-27 Q3", "2026-27 Q4"),
    (
        StackSeries("L&D budget", (Decimal("1200.50"), Decimal(0))),
        StackSeries("Apprenticeship levy", (Decimal(800), Decimal(1250000))),
    ),
)
TREND = TrendPicture(
    _TITLE,
    tuple(f"2026-{month:02}" for month in range(1, 13)),
    (
        TrendLine("Home Office", (0.5,) * 12, (0.4,) * 12, (0.6,) * 12),
        TrendLine("Justice", (None, *(0.5,) * 11)),
        TrendLine("Ministry of Housing, Communities and Local Government", (0.5,) * 12),
    ),
    "Requirements met",
)
DRAWN: dict[str, Callable[[Palette], Figure]] = {
    "heat map": lambda palette: heatmap(HEAT, palette),
    "readiness": lambda palette: readiness_bars(READY, palette),
    "stacked": lambda palette: stacked_columns(STACK, palette),
    "trend": lambda palette: trend(TREND, palette),
    "empty heat map": lambda palette: heatmap(HeatPicture("Nothing is required", (), (), ()), palette),
    "empty readiness": lambda palette: readiness_bars(ReadinessPicture("Nobody yet", ()), palette),
    "empty stack": lambda palette: stacked_columns(StackPicture("No plan yet", (), ()), palette),
    "empty trend": lambda palette: trend(TrendPicture("No history yet", (), (), "Met"), palette),
}


def _texts(figure: Figure) -> list[Text]:
    return [
        text
        for text in figure.findobj(Text)
        if isinstance(text, Text) and text.get_visible() and text.get_text()
    ]


@pytest.mark.parametrize("dpi", [72, 150])
@pytest.mark.parametrize("name", DRAWN)
def test_no_label_is_clipped_at_the_edge(name: str, dpi: int) -> None:
    figure = DRAWN[name](LIGHT)
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    width, height = canvas.get_width_height()
    for text in _texts(figure):
        box = text.get_window_extent(canvas.get_renderer())
        assert box.x0 >= -0.5, text.get_text()
        assert box.y0 >= -0.5, text.get_text()
        assert box.x1 <= width + 0.5, text.get_text()
        assert box.y1 <= height + 0.5, text.get_text()


@pytest.mark.parametrize("name", DRAWN)
def test_text_reads_on_its_ground_in_light_and_dark(name: str) -> None:
    from matplotlib.colors import to_hex

    for palette in (LIGHT, DARK):
        grounds = {palette.surface, *palette.heat} if "heat" in name else {palette.surface}
        for text in _texts(DRAWN[name](palette)):
            assert max(contrast(to_hex(text.get_color()), ground) for ground in grounds) >= 4.5, (
                text.get_text()
            )


def test_heat_map_prints_every_value_and_leaves_blank_what_is_not_required() -> None:
    figure = heatmap(HEAT)
    printed = {
        (int(text.get_position()[0]), int(text.get_position()[1])): text.get_text()
        for text in figure.axes[0].texts
    }
    assert printed == {
        (0, 0): "71",
        (2, 0): "–",
        (0, 1): "0",
        (1, 1): "100",
        (2, 1): "13",
        (0, 2): "[c]",
        (1, 2): "100",
    }


def test_heat_map_hatches_low_coverage_alone() -> None:
    figure = heatmap(HEAT)
    hatched = [
        shape
        for shape in figure.findobj(PolyCollection)
        if isinstance(shape, PolyCollection) and shape.get_hatch()
    ]
    assert sum(len(shape.get_paths()) for shape in hatched) == 1


def test_heat_steps_grow_evenly_and_every_figure_reads_on_its_own_step() -> None:
    for palette in (LIGHT, DARK):
        for step in palette.heat:
            assert contrast(text_on(step), step) >= 4.3
    assert heat_colour(LIGHT, 0.0) == LIGHT.heat[0]
    assert heat_colour(LIGHT, 1.0) == heat_colour(LIGHT, 3.0) == LIGHT.heat[-1]


def test_colours_are_those_of_the_window() -> None:
    theme = (Path(__file__).parents[2] / "app" / "ui" / "theme.py").read_text(encoding="utf-8")
    for palette, name in ((LIGHT, "LIGHT"), (DARK, "DARK")):
        part = theme[theme.index(f"\n{name} = Tokens(") :]
        part = part[: part.index("\n)\n")]
        heat = tuple(re.findall(r"#[0-9a-f]{6}", part[part.index("heat=") :]))
        assert heat == palette.heat
        for token in ("text", "secondary", "surface", "hairline", "accent"):
            assert f'    {token}="{getattr(palette, token)}"' in part


@pytest.mark.parametrize("format_", ["png", "svg", "pdf"])
def test_the_same_record_is_the_same_picture_to_the_byte(format_: PictureFormat) -> None:
    for name in ("heat map", "trend"):
        first, second = (picture(DRAWN[name](LIGHT), format_, title=_TITLE) for _ in range(2))
        assert first == second


@pytest.mark.parametrize(("format_", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_pictures_are_what_they_say_and_carry_their_title(format_: PictureFormat, start: bytes) -> None:
    made = picture(DRAWN["readiness"](DARK), format_, title="Half is met")
    assert made.startswith(start)
    assert b"Half is met" in made


@pytest.mark.parametrize(
    ("name", "format_"), [("a.PNG", "png"), ("b.x.svg", "svg"), ("c.pdf", "pdf"), ("d.gif", None)]
)
def test_the_ending_says_the_format(name: str, format_: str | None) -> None:
    assert picture_format(name) == format_


def test_readiness_says_figures_and_not_assessed() -> None:
    said = [text.get_text() for text in readiness_bars(READY).axes[0].texts]
    assert said == [
        "71 %   412 of 580 met, coverage 92 %",
        "not assessed   nobody of 31",
        "0 %   0 of 12 met, coverage 31 %",
    ]


def test_stacks_carry_their_totals_in_pounds() -> None:
    said = [text.get_text() for text in stacked_columns(STACK).axes[0].texts]
    assert said == ["£2,000", "£1,250,000"]


def test_series_differ_in_hatching_as_well_as_in_colour() -> None:
    bars = stacked_columns(STACK).axes[0].patches
    assert len({(bar.get_facecolor(), bar.get_hatch()) for bar in bars}) == 2
    assert len({bar.get_hatch() for bar in bars}) == 2


def test_names_at_the_ends_of_lines_do_not_meet() -> None:
    figure = trend(TREND)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in figure.axes[0].texts]
    assert len(boxes) == 3
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])


def test_gaps_in_a_line_stay_gaps() -> None:
    line = trend(TREND).axes[0].lines[1]
    assert [math.isnan(value) for value in line.get_ydata()][:2] == [True, False]


def test_too_many_series_or_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="told apart"):
        replace(STACK, series=STACK.series * 3)
    with pytest.raises(ValueError, match="each category"):
        replace(STACK, categories=("one",))
    with pytest.raises(ValueError, match="told apart"):
        replace(TREND, lines=TREND.lines * 2)
    with pytest.raises(ValueError, match="each point"):
        replace(TREND, points=("one",))


def test_nothing_of_pyplot_is_imported() -> None:
    import subprocess
    import sys

    asked = (
        "import sys; from app.charts import bars, heatmap, pictures, trend; assert 'matplotlib' not in sys.modules; "
        "heatmap.heatmap(heatmap.HeatPicture('x', ('a',), ('b',), ((heatmap.HeatCell(0.5),),))); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
