"""Shows a figure made by ``app.charts``: the one file where matplotlib meets Qt.

A figure is drawn into memory and painted as a picture, so that no second event loop, toolbar or window of
matplotlib comes along, and one pane can show any number of figures without growing. It is drawn on a worker of its
own, for all panes together: a chart takes a tenth of a second, and the window would stand still for that long.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from html import escape
from importlib import import_module
from math import hypot
from pathlib import Path
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
LOOK_EVERY_MS = 8
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


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A figure as dots: rows of four bytes, red, green, blue and opacity; plain memory, nothing of Qt."""

    dots: bytes
    width: int
    height: int
    scale: float
    marks: list[_Mark]


@cache
def _drawer() -> ThreadPoolExecutor:
    """The worker that draws. It begins by importing what it needs, beside the window: that takes half a second."""
    made = ThreadPoolExecutor(max_workers=1, thread_name_prefix="muster-drawing")
    made.submit(import_module, "matplotlib.backends.backend_agg")
    made.submit(import_module, "matplotlib.figure")
    return made


def load_drawing() -> None:
    """Begin to import what draws."""
    _drawer()


def stop_drawing() -> None:
    """Drop what waits to be drawn, and wait for what is under way; a later chart begins anew."""
    if _drawer.cache_info().currsize:
        _drawer().shutdown(cancel_futures=True)
        _drawer.cache_clear()


def _drawing(make: Callable[[], Figure], size: tuple[int, int], scale: float) -> _Drawing:
    """Runs on the worker: a figure drawn for a room in pixels at 100 %."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # late: half a second to import

    figure = make()
    figure.set_dpi(DOTS_PER_INCH * scale)
    figure.set_size_inches(size[0] / DOTS_PER_INCH, size[1] / DOTS_PER_INCH)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    width, height = canvas.get_width_height()
    return _Drawing(bytes(canvas.buffer_rgba()), width, height, scale, _marks_of(figure, height, scale))


class _Picture(QWidget):
    """The drawn figure. Drawn again when the room, the screen or the look changes.

    Lines of the figure with the id "mark-N" and one point can be clicked; pointing at one says its label.
    """

    clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.fit: Callable[[tuple[float, float]], Figure] | None = None
        self._image: QImage | None = None
        self._marks: list[_Mark] = []
        load_drawing()
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(40)
        self._again.timeout.connect(self.draw)
        self._under_way: Future[_Drawing] | None = None
        self._look = QTimer(self)
        self._look.setInterval(LOOK_EVERY_MS)
        self._look.timeout.connect(self._take)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(240, 160))

    @property
    def is_drawing(self) -> bool:
        """Whether a picture is under way."""
        return self._under_way is not None

    def draw(self) -> None:
        """Have the figure drawn for the room there is; the one shown stays until then. The latest wish counts."""
        width, height = self.width(), self.height()
        if self.fit is None or width < 10 or height < 10:
            return
        if self._under_way is not None:
            self._under_way.cancel()
        make = partial(self.fit, (width / DOTS_PER_INCH, height / DOTS_PER_INCH))
        self._under_way = _drawer().submit(_drawing, make, (width, height), self.devicePixelRatioF())
        self._look.start()

    def _take(self) -> None:
        """Show what the worker has drawn, once it has; what went wrong there is raised here."""
        future = self._under_way
        if future is None or not future.done():
            return
        self._look.stop()
        self._under_way = None
        if future.cancelled():
            return
        drawn = future.result()
        stride = drawn.width * 4
        image = QImage(drawn.dots, drawn.width, drawn.height, stride, QImage.Format.Format_RGBA8888).copy()
        image.setDevicePixelRatio(drawn.scale)
        self._image = image
        self._marks = drawn.marks
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
        if self.fit is not None:
            self._again.start()


def is_drawing(window: QWidget) -> bool:
    """Whether a chart somewhere in a window is under way."""
    return any(picture.is_drawing for picture in window.findChildren(_Picture))


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

    The figure is drawn anew when the look changes. What draws it runs on a worker: it may touch nothing of Qt.
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
        make = self._make
        if make is None:
            return
        temporary = path.with_name(f".{path.stem}.part{path.suffix}")
        try:
            # by the worker that draws: two figures drawn at once would share fonts and styles
            _drawer().submit(lambda: make(False).savefig(temporary, dpi=2 * DOTS_PER_INCH)).result()
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
        fit, make, is_dark = self._fit, self._make, theme.tokens().is_dark
        if fit is not None:
            self._picture.fit = partial(fit, is_dark)
        elif make is not None:
            self._picture.fit = lambda _size: make(is_dark)
        self._picture.draw()
