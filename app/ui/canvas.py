"""Shows a figure made by ``app.charts``: the one file where matplotlib meets Qt.

A figure is drawn into memory and painted as a picture, so that no second event loop, toolbar or window of
matplotlib comes along, and one pane can show any number of figures without growing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import import_module
from math import hypot
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QToolTip, QWidget

from app.errors import AppError
from app.ui import dialogs, theme
from app.ui.table import TablePane
from app.ui.table_data import TableData
from app.ui.widgets import button, label, line, rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DrawFigure = Callable[[bool], "Figure"]
"""Makes the figure; told whether the look is dark."""

FitFigure = Callable[[bool, tuple[float, float]], "Figure"]
"""Makes the figure for a room in inches, without its heading: the sentence over the chart is that."""

DOTS_PER_INCH = 96
REACH = 9.0
"""How near to a mark the pointer has to be, in units of the widget."""
PICTURE_KINDS = "Picture for documents (*.png);;Drawing that can be scaled (*.svg)"


@dataclass(frozen=True, slots=True)
class _Mark:
    """A mark of the figure that can be pointed at: its number, its words, its place on the widget."""

    number: int
    words: str
    x: float
    y: float


@cache
def _load_drawing() -> None:
    """Begin to import what draws, beside the window: it takes over half a second, and the window would stand still."""

    def load() -> None:
        import_module("matplotlib.backends.backend_agg")
        import_module("matplotlib.figure")

    Thread(target=load, name="muster-drawing").start()


class _Picture(QWidget):
    """The drawn figure. Drawn again when the room, the screen or the look changes.

    Lines of the figure with the id "mark-N" and one point can be clicked; pointing at one says its label.
    """

    clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.figure: Figure | None = None
        self.fit: Callable[[tuple[float, float]], Figure] | None = None
        self._image: QImage | None = None
        self._marks: list[_Mark] = []
        _load_drawing()
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(40)
        self._again.timeout.connect(self.draw)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(240, 160))

    def draw(self) -> None:
        """Draw the figure for the room there is."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # late: half a second to import

        if self.width() < 10 or self.height() < 10:
            return
        if self.fit is not None:
            self.figure = self.fit((self.width() / DOTS_PER_INCH, self.height() / DOTS_PER_INCH))
        if self.figure is None:
            return
        scale = self.devicePixelRatioF()
        self.figure.set_dpi(DOTS_PER_INCH * scale)
        self.figure.set_size_inches(self.width() / DOTS_PER_INCH, self.height() / DOTS_PER_INCH)
        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()
        width, height = canvas.get_width_height()
        image = QImage(canvas.buffer_rgba(), width, height, width * 4, QImage.Format.Format_RGBA8888).copy()
        image.setDevicePixelRatio(scale)
        self._image = image
        self._marks = _marks_of(self.figure, height, scale)
        self.setMouseTracking(bool(self._marks))
        self.update()

    def mark_at(self, point: QPointF) -> _Mark | None:
        """The nearest mark within reach of a point of the widget."""
        reach = REACH
        found: _Mark | None = None
        for mark in self._marks:
            away = hypot(mark.x - point.x(), mark.y - point.y())
            if away <= reach:
                found, reach = mark, away
        return found

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        mark = self.mark_at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if mark else Qt.CursorShape.ArrowCursor)
        if mark is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), escape(mark.words), self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        mark = self.mark_at(event.position())
        if mark is not None and event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit(mark.number)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._image is not None:
            painter = QPainter(self)
            size = self._image.deviceIndependentSize()
            painter.drawImage(QRectF(0, 0, size.width(), size.height()), self._image)
            painter.end()

    def picture(self) -> QImage | None:
        """The figure as it is shown."""
        return self._image

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.figure is not None or self.fit is not None:
            self._again.start()


def _marks_of(figure: Figure, height: int, scale: float) -> list[_Mark]:
    """The marks of a drawn figure, in the widget's own units from its upper left."""
    found: list[_Mark] = []
    for axes in figure.axes:
        for artist in axes.lines:
            number = str(artist.get_gid() or "").removeprefix("mark-")
            if number.isdigit():
                x, y = axes.transData.transform(artist.get_xydata())[0].tolist()
                found.append(_Mark(int(number), str(artist.get_label()), x / scale, (height - y) / scale))
    return found


class ChartPane(QWidget):
    """A chart with "Show as table", "Copy" and "Save picture", under it or (not ``is_narrow``) beside its finding.

    The figure is drawn anew when the look changes.
    """

    mark_clicked = Signal(int)
    """A mark of the figure, by the number of its id."""

    def __init__(self, name: str, what: str, *, is_narrow: bool = False) -> None:
        super().__init__()
        self._name = name
        self._make: DrawFigure | None = None
        self._fit: FitFigure | None = None
        self._picture = _Picture()
        self._picture.clicked.connect(self.mark_clicked)
        self._table = TablePane(f"chart-{name}", what)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._picture)
        self._stack.addWidget(self._table)
        self.finding = label("", "label")
        self._switch = button("Show as table", "quiet", "table", self.toggle_table)
        self._copy = button("Copy", "quiet", "copy", self.copy)
        self._save = button("Save picture", "quiet", "save", self.choose_file)
        tools = line(self._switch, self._copy, self._save, space=8)
        tools.insertStretch(0, 1)
        if is_narrow:
            box = rows(self.finding, self._stack, tools, space=8)
        else:
            top = line(self.finding, tools, space=8)
            top.setStretch(0, 1)
            box = rows(top, self._stack, space=8)
        box.setStretch(1, 1)
        self.setLayout(box)

    def show_chart(
        self,
        finding: str,
        make: DrawFigure,
        table: TableData,
        description: str,
        fit: FitFigure | None = None,
    ) -> None:
        """Show a figure under the sentence it proves; ``table`` holds the same numbers, ``description`` says them.

        ``make`` draws the figure that is saved. With ``fit`` the one on the screen is drawn for its room.
        """
        self._make, self._fit = make, fit
        self.finding.setText(finding)
        self._picture.setAccessibleName(finding)
        self._picture.setAccessibleDescription(description)
        self._table.set_data(table)
        self._draw()

    def toggle_table(self) -> None:
        """Change between the chart and its numbers."""
        shows_table = self._stack.currentWidget() is not self._table
        self._stack.setCurrentWidget(self._table if shows_table else self._picture)
        self._switch.setText("Show as chart" if shows_table else "Show as table")
        self._switch.set_icon("chart" if shows_table else "table")

    def copy(self) -> None:
        """Put the picture on the clipboard, or the numbers where they are shown."""
        if self._stack.currentWidget() is self._table:
            self._table.table.copy()
            return
        picture = self._picture.picture()
        if picture is not None:
            QGuiApplication.clipboard().setImage(picture)

    def choose_file(self) -> None:
        """Ask where to save the picture."""
        dialogs.choose_save(self, "Save picture", f"{self._name}.png", PICTURE_KINDS, self.save)

    def save(self, path: Path) -> None:
        """Write the figure in light colours, as print wants it: PNG, or SVG by the ending of the name."""
        if self._make is None:
            return
        temporary = path.with_name(f".{path.stem}.part{path.suffix}")
        try:
            self._make(False).savefig(temporary, dpi=2 * DOTS_PER_INCH)
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            sentence = f"“{path.name}” could not be saved."
            dialogs.show_error(
                self, AppError(sentence, f"{error.strerror or error}. Choose another folder or name.")
            )

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and getattr(self, "_make", None) is not None:
            self._draw()

    def _draw(self) -> None:
        fit, is_dark = self._fit, theme.tokens().is_dark
        if fit is not None:
            self._picture.fit = lambda size: fit(is_dark, size)
            self._picture.draw()
        elif self._make is not None:
            self._picture.fit, self._picture.figure = None, self._make(is_dark)
            self._picture.draw()
