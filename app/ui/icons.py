"""The program's own icons: 24 × 24 strokes, tinted in the colours of the look in force."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QBuffer, QByteArray, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QImageReader, QPainter, QPixmap

from app.resources import resource
from app.ui import theme

SIZE = 20


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")


def read_all() -> None:
    """Read every icon's drawing, off the window's thread: a page shows a dozen it has not shown before."""
    for path in resource("icons").glob("*.svg"):
        _source(path.stem)


@lru_cache(maxsize=512)
def _drawn(name: str, colour: str, size: int, scale: int) -> QPixmap:
    data = QByteArray(_source(name).replace("currentColor", colour).encode())
    buffer = QBuffer(data)
    reader = QImageReader(buffer, QByteArray(b"svg"))
    reader.setScaledSize(QSize(size * scale, size * scale))
    pixmap = QPixmap.fromImageReader(reader)
    pixmap.setDevicePixelRatio(scale)
    return pixmap


def _scale() -> int:
    screen = QGuiApplication.primaryScreen()
    return max(1, math.ceil(screen.devicePixelRatio())) if screen else 1


def pixmap(name: str, colour: str = "", size: int = SIZE) -> QPixmap:
    """One icon as a picture in ``colour`` (the text's when empty); FileNotFoundError for no such name."""
    return _drawn(name, colour or theme.tokens().text, size, _scale())


def icon(name: str, colour: str = "", size: int = SIZE, gap: int = 0) -> QIcon:
    """One icon for a button or a menu, with its grey for disabled ones; ``gap`` keeps the text away from it."""
    look = theme.tokens()
    made = QIcon(_widened(_drawn(name, colour or look.text, size, _scale()), gap))
    made.addPixmap(_widened(_drawn(name, look.handle, size, _scale()), gap), QIcon.Mode.Disabled)
    return made


def _widened(picture: QPixmap, gap: int) -> QPixmap:
    """The picture with room at its right: Qt leaves 4 pixels between icon and text, whatever the style sheet says."""
    if not gap:
        return picture
    scale = int(picture.devicePixelRatio())
    wide = QPixmap(picture.width() + gap * scale, picture.height())
    wide.setDevicePixelRatio(scale)
    wide.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wide)
    painter.drawPixmap(0, 0, picture)
    painter.end()
    return wide


def forget() -> None:
    """Drop every picture drawn so far: the pictures of a closed application may not outlive it."""
    _drawn.cache_clear()
