"""What the window remembers between runs that is nobody's decision: sizes, widths, hidden columns."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings

from app.settings import config_folder


def _store() -> QSettings:
    return QSettings(str(config_folder() / "window.ini"), QSettings.Format.IniFormat)


def recall_bytes(name: str) -> QByteArray:
    """Bytes kept under a name; empty where none are."""
    found = _store().value(name)
    return found if isinstance(found, QByteArray) else QByteArray()


def recall_words(name: str) -> dict[str, str]:
    """A small table of words kept under a name; empty where none is, or where it cannot be read."""
    found = _store().value(name)
    if not isinstance(found, str):
        return {}
    pairs = (part.split("=", 1) for part in found.split(";") if "=" in part)
    return {pair[0]: pair[1] for pair in pairs}


def keep_bytes(name: str, value: QByteArray) -> None:
    """Keep bytes under a name. A full or read-only disk loses them in silence: they are a convenience."""
    _store().setValue(name, value)


def keep_words(name: str, words: dict[str, str]) -> None:
    """Keep a small table of words; keys hold neither ``=`` nor ``;``."""
    _store().setValue(name, ";".join(f"{key}={value}" for key, value in words.items()))
