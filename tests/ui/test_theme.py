from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from app.resources import resource
from app.ui import icons, theme
from app.ui.theme import DARK, LIGHT, Tokens, contrast

LOOKS = pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
GROUNDS = ("surface", "canvas", "hover", "accent_soft")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b")


def lightness(colour: str) -> float:
    """CIELAB L*, 0 to 100."""
    share = theme.luminance(colour)
    return 116 * share ** (1 / 3) - 16 if share > 0.008856 else 903.3 * share


@LOOKS
@pytest.mark.parametrize("text", ["text", "secondary", "accent"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_reads_on_every_ground(look: Tokens, text: str, ground: str) -> None:
    assert contrast(getattr(look, text), getattr(look, ground)) >= 4.5


@LOOKS
@pytest.mark.parametrize(
    ("text", "ground"), [("on_accent", "accent"), ("on_accent", "accent_hover"), ("on_tooltip", "tooltip")]
)
def test_text_reads_on_coloured_grounds(look: Tokens, text: str, ground: str) -> None:
    assert contrast(getattr(look, text), getattr(look, ground)) >= 4.5


@LOOKS
@pytest.mark.parametrize("shape", ["border", "handle", "good", "warn", "bad", "accent"])
@pytest.mark.parametrize("ground", ["surface", "canvas"])
def test_shapes_stand_out(look: Tokens, shape: str, ground: str) -> None:
    assert contrast(getattr(look, shape), getattr(look, ground)) >= 3


@LOOKS
def test_focus_ring_stands_out_through_its_yellow_or_its_line(look: Tokens) -> None:
    for ground in (*(getattr(look, name) for name in GROUNDS), look.accent, *look.heat):
        assert max(contrast(look.focus, ground), contrast(look.focus_line, ground)) >= 3
    assert contrast(look.focus, look.focus_line) >= 3


@LOOKS
def test_numbers_read_on_every_step_of_heat(look: Tokens) -> None:
    assert min(contrast(theme.text_on(step), step) for step in look.heat) >= 4.5


@LOOKS
def test_heat_is_even_in_lightness_and_runs_away_from_the_surface(look: Tokens) -> None:
    steps = [lightness(colour) for colour in look.heat]
    gaps = [after - before for before, after in pairwise(steps)]
    assert max(gaps) - min(gaps) < 2.5
    away = [contrast(colour, look.surface) for colour in look.heat]
    assert away == sorted(away)


def test_heat_step_covers_the_whole_scale() -> None:
    assert [theme.heat_step(share) for share in (-1, 0, 0.5, 1, 2)] == [0, 0, 4, 8, 8]


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#808080", "#1d70b8"])
def test_contrast_is_that_of_wcag(colour: str) -> None:
    assert contrast(colour, colour) == 1
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_nobody_writes_a_colour_anywhere_else() -> None:
    ui = resource().parent / "app" / "ui"
    found = {
        path.name
        for path in ui.rglob("*.py")
        if path.name != "theme.py"
        and COLOUR.search(re.sub(r"``#rrggbb``", "", path.read_text(encoding="utf-8")))
    }
    assert not found
    assert not COLOUR.search(resource("themes", "window.qss").read_text(encoding="utf-8"))


@LOOKS
def test_pictures_of_a_look_take_their_colours_from_it(look: Tokens) -> None:
    tokens = {str(getattr(look, name)) for name in Tokens.__slots__ if name != "heat"}
    for path in resource("themes", look.name).glob("*.svg"):
        assert set(COLOUR.findall(path.read_text(encoding="utf-8"))) <= tokens, path.name


@LOOKS
def test_style_sheet_is_filled_in_completely(look: Tokens, qapp: QApplication) -> None:
    sheet = theme.style_sheet(look, qapp.font())
    assert "@" not in sheet
    for picture in re.findall(r'url\("([^"]+)"\)', sheet):
        assert resource("themes", look.name, picture.rsplit("/", 1)[1]).is_file()


def test_icons_are_one_set_tinted_by_the_look() -> None:
    files = sorted(resource("icons").glob("*.svg"))
    assert len(files) >= 40
    for path in files:
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
        assert root.attrib["viewBox"] == "0 0 24 24"
        assert root.attrib["stroke"] == "currentColor"
        assert root.attrib["stroke-width"] == "1.75"
        assert not COLOUR.search(path.read_text(encoding="utf-8"))


def test_an_icon_is_drawn_in_the_colour_asked_for(qapp: QApplication) -> None:
    image = icons.pixmap("stop", "#ff0000").toImage()
    colours = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert colours == {"#ff0000"}


def test_high_contrast_takes_the_colours_of_the_system() -> None:
    palette = QPalette()
    for role, colour in (
        ("Base", "#000000"),
        ("Window", "#000000"),
        ("Text", "#ffffff"),
        ("Highlight", "#ffff00"),
        ("HighlightedText", "#000000"),
    ):
        palette.setColor(getattr(QPalette.ColorRole, role), QColor(colour))
    look = theme.from_system(palette)
    assert (look.surface, look.text, look.accent, look.is_dark) == ("#000000", "#ffffff", "#ffff00", True)


def test_dark_and_light_reach_the_palette(qapp: QApplication) -> None:
    theme.apply(qapp, DARK)
    assert qapp.palette().color(QPalette.ColorRole.Base).name() == DARK.surface
    assert theme.tokens() is DARK
    theme.apply(qapp, LIGHT)
    assert qapp.palette().color(QPalette.ColorRole.Base).name() == LIGHT.surface
