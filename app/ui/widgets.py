"""The small pieces every page is made of: labels by role, buttons by kind, cards, banners, figure tiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui import icons, theme

Role = Literal["", "title", "answer", "heading", "label", "secondary", "small", "figure", "problem", "brand"]
ButtonKind = Literal["secondary", "primary", "link", "quiet"]
ICON_GAP = 2
"""Room between icon and text, in pixels on top of Qt's own 4."""

Tone = Literal["info", "warn", "bad"]
Layout = TypeVar("Layout", bound=QBoxLayout)


def label(text: str = "", role: Role = "", *, wraps: bool = True) -> QLabel:
    """A text in one of the roles of the style sheet. Plain text only: names may hold anything."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wraps)
    return made


def button(
    text: str, kind: ButtonKind = "secondary", icon: str = "", clicked: Callable[[], object] | None = None
) -> TintedButton:
    """A button of one of the kinds of the style sheet; its text is a verb with an object."""
    made = TintedButton(text, kind, icon)
    if clicked is not None:
        made.clicked.connect(lambda _checked=False: clicked())
    return made


class TintedButton(QPushButton):
    """A button whose icon keeps the colour of its text when the look changes."""

    def __init__(self, text: str, kind: ButtonKind = "secondary", icon: str = "") -> None:
        super().__init__(text)
        self._icon_name = icon
        self._kind = kind
        self._tinted: tuple[object, ...] = ()
        self.setProperty("kind", kind)
        self.setAutoDefault(False)
        if not text:
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._tint()

    def set_icon(self, name: str) -> None:
        """Change the icon; an empty name takes it away."""
        self._icon_name = name
        self._tinted = ()
        self.setIcon(QIcon())
        self._tint()

    def set_kind(self, kind: ButtonKind) -> None:
        """Change what kind of button it is."""
        self._kind = kind
        self.setProperty("kind", kind)
        repolish(self)
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_icon_name"):
            self._tint()

    def _tint(self) -> None:
        if self._icon_name:
            look = theme.tokens()
            on_accent = self._kind == "primary" and self.isEnabled()
            gap = ICON_GAP if self.text() else 0
            tinted = (self._icon_name, look, on_accent, gap)
            if (
                tinted == self._tinted
            ):  # Qt tells of a new palette whenever a page gets its place in the window
                return
            self._tinted = tinted
            self.setIcon(icons.icon(self._icon_name, look.on_accent if on_accent else look.text, gap=gap))
            self.setIconSize(QSize(icons.SIZE + gap, icons.SIZE))


def icon_button(icon: str, name: str, clicked: Callable[[], object] | None = None) -> TintedButton:
    """A button with an icon alone: ``name`` is what a screen reader says and what the tooltip shows."""
    made = button("", "quiet", icon, clicked)
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setFixedSize(32, 30)
    return made


class IconLabel(QLabel):
    """An icon of one token's colour that follows the look; decoration beside words, so it has no name."""

    def __init__(self, name: str, token: str = "text", size: int = icons.SIZE) -> None:
        super().__init__()
        self._name, self._token, self._size = name, token, size
        self._draw()

    def show_icon(self, name: str, token: str) -> None:
        """Change to another icon."""
        self._name, self._token = name, token
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_name"):
            self._draw()

    def _draw(self) -> None:
        self.setPixmap(icons.pixmap(self._name, getattr(theme.tokens(), self._token), self._size))


def rows(
    *parts: QWidget | QLayout, space: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QVBoxLayout:
    """A layout from top to bottom."""
    return _filled(QVBoxLayout(), parts, space, margins)


def line(
    *parts: QWidget | QLayout, space: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QHBoxLayout:
    """A layout from left to right."""
    return _filled(QHBoxLayout(), parts, space, margins)


def _filled(
    layout: Layout, parts: tuple[QWidget | QLayout, ...], space: int, margins: tuple[int, int, int, int]
) -> Layout:
    layout.setSpacing(space)
    layout.setContentsMargins(*margins)
    for part in parts:
        if isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)
    return layout


def clear(layout: QLayout) -> None:
    """Take every widget out of a layout and let it go."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


class Card(QFrame):
    """A white frame with an optional heading and a note under it; put content into ``body``."""

    def __init__(self, heading: str = "", note: str = "") -> None:
        super().__init__()
        self.setObjectName("Card")
        self.heading = label(heading, "label")
        self.note = label(note, "small")
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        self.setLayout(
            rows(rows(self.heading, self.note, space=4), self.body, space=12, margins=(16, 12, 16, 16))
        )
        self.set_heading(heading, note)

    def set_heading(self, heading: str, note: str = "") -> None:
        """Change heading and note; an empty one takes no room."""
        self.heading.setText(heading)
        self.heading.setVisible(bool(heading))
        self.note.setText(note)
        self.note.setVisible(bool(note))


class FigureTile(QFrame):
    """One number of a page with what it counts; can be clicked down where ``clicked`` is given.

    The button stands at the foot, or beside the number where ``is_compact``.
    """

    def __init__(
        self,
        what: str,
        clicked: Callable[[], object] | None = None,
        verb: str = "Show",
        *,
        is_compact: bool = False,
    ) -> None:
        super().__init__()
        self.setObjectName("Card")
        self._figure = label("", "figure", wraps=False)
        self._what = label(what)
        self._note = label("", "small")
        self._button = button(verb, "link", "", clicked) if clicked else None
        top = line(self._figure, space=4)
        top.addStretch(1)
        parts = rows(top, self._what, self._note, space=2, margins=(16, 12, 16, 12))
        parts.addStretch(1)
        if self._button is not None:  # at the foot, so that tiles side by side have theirs in one line
            self._button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self._button.setAccessibleName(f"{verb} {what}")
            if is_compact:
                top.addWidget(self._button)
            else:
                parts.addWidget(self._button)
        if is_compact:  # tiles with and without a button keep their numbers in one line
            self._figure.setMinimumHeight(32)
        self.setLayout(parts)

    def set_figure(self, figure: str, note: str = "", what: str = "") -> None:
        """Show a number as text ("71 %"), with a note under it (its coverage)."""
        self._figure.setText(figure)
        if what:
            self._what.setText(what)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self.setAccessibleName(f"{figure} {self._what.text()} {note}".strip())


class Banner(QFrame):
    """A sentence over the content, with a button that does something about it; hidden until it says something."""

    ICONS: dict[str, tuple[str, str]] = {  # noqa: RUF012  (a table, never changed)
        "info": ("info", "accent"),
        "warn": ("warning", "warn"),
        "bad": ("error", "bad"),
    }

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("Banner")
        self._text = label("")
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._row = line(self._text, space=12, margins=(12, 8, 8, 8))
        self._icon = IconLabel("info", "accent")
        self._act: Callable[[], object] | None = None
        # One button for good: a new one would come last in the Tab order of the window.
        self.button = button("", "secondary", "", lambda: self._act and self._act())
        self._row.insertWidget(0, self._icon)
        self._row.addWidget(self.button)
        self.setLayout(self._row)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says; empty while hidden."""
        return self._text.text() if not self.isHidden() else ""

    def say(
        self, sentence: str, verb: str = "", act: Callable[[], object] | None = None, tone: Tone = "warn"
    ) -> None:
        """Show a sentence; an empty one hides the banner."""
        self.setVisible(bool(sentence))
        if not sentence:
            return
        self._text.setText(sentence)
        self.setAccessibleName(sentence)
        self._icon.show_icon(*self.ICONS[tone])
        self._act = act
        self.button.setText(verb)
        self.button.setVisible(bool(verb and act))
        self.setProperty("tone", tone)
        repolish(self)


def repolish(widget: QWidget) -> None:
    """Apply the style sheet again after a property it asks for has changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
