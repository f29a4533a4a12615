"""The list of pages at the left: one Tab stop, arrows move, Enter or a click opens."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QWidget

from app.ui import icons, theme
from app.ui.focus import RingList
from app.ui.pages import PageSpec
from app.ui.widgets import IconLabel, label, line

BRAND_HEIGHT = 64
ICON_GAP = 6


class SideNavigation(RingList):
    """Lists the pages under the name of the program. ``chosen(key)``."""

    chosen = Signal(str)

    def __init__(self, specs: tuple[PageSpec, ...]) -> None:
        super().__init__()
        self.setObjectName("SideNavigation")
        self.setAccessibleName("Pages")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListWidget.SelectionMode.SingleSelection)
        self._specs = specs
        self._opened = ""
        self._dressed: tuple[object, ...] = ()
        self._brand = QWidget(self)
        brand = line(IconLabel("muster", "accent", 28), label("Muster", "brand", wraps=False), space=10)
        brand.addStretch(1)
        self._brand.setLayout(brand)
        for place, spec in enumerate(specs):
            item = QListWidgetItem(spec.title)
            item.setToolTip(f"Ctrl+{(place + 1) % 10}")
            item.setData(Qt.ItemDataRole.UserRole, spec.key)
            self.addItem(item)
        self.itemClicked.connect(self._open)
        self._dress()

    @property
    def opened(self) -> str:
        """The key of the page that is open."""
        return self._opened

    def mark(self, key: str) -> None:
        """Show which page is open."""
        self._opened = key
        for place, spec in enumerate(self._specs):
            item = self.item(place)
            font = self.font()
            font.setBold(spec.key == key)
            item.setFont(font)
            if spec.key == key:
                self.setCurrentItem(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentRow() >= 0:
            self._open(self.currentItem())
            event.accept()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        if self._opened:
            self.mark(self._opened)  # arrows may have left the list on a page that was not opened

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_specs"):
            self._dress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._brand.setGeometry(16, 8, self.width() - 16, self._brand_height() - 8)

    def _brand_height(self) -> int:
        return max(BRAND_HEIGHT, self.fontMetrics().height() * 3)

    def _dress(self) -> None:
        """Icons in the colours of the look, width and heights for the size of the text."""
        look = theme.tokens()
        if (dressed := (look, self.font().key())) == self._dressed:
            return
        self._dressed = dressed
        metrics = self.fontMetrics()
        # The name stands inside the list's own frame, so that for the keyboard the list begins at the top.
        self.setViewportMargins(0, self._brand_height(), 0, 0)
        longest = max((metrics.horizontalAdvance(spec.title) for spec in self._specs), default=0)
        self.setFixedWidth(max(theme.NAV_WIDTH, int(longest * 1.15) + 76))
        self.setIconSize(QSize(icons.SIZE + ICON_GAP, icons.SIZE))
        for place, spec in enumerate(self._specs):
            icon = icons.icon(spec.icon, gap=ICON_GAP)
            chosen = icons.icon(spec.icon, look.accent, gap=ICON_GAP)
            icon.addPixmap(chosen.pixmap(self.iconSize()), QIcon.Mode.Selected)
            self.item(place).setIcon(icon)
            self.item(place).setSizeHint(QSize(0, max(34, metrics.height() + 16)))

    def _open(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
