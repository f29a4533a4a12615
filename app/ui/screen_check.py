"""What this computer lacks to show a window, found out before Qt is touched.

Qt itself ends the process (abort, exit code 134) where it finds no display, and blames one library whatever
is missing. This module asks the loader and the environment first and answers in sentences. Standard library
only.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping

# Library -> Debian and Ubuntu package, as measured on a bare Debian 12 with PySide6-Essentials 6.12.
_TO_DRAW = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}
_TO_OPEN_ON_X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
_TO_OPEN_ON_WAYLAND = {
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
_PLATFORMS_WITHOUT_A_SCREEN = ("offscreen", "minimal", "vnc")

WITHOUT_A_WINDOW = (
    "Every job can be done without a window as well: python3 main.py --help lists the commands, "
    "python3 main.py demo shows the main one."
)


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether there is a screen to show a window on (always so under Windows and macOS)."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def can_reach(display: str) -> bool:
    """Whether an X11 display answers; True as well where that cannot be told."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    # A connection must not pass through ctypes as an int of 32 bits.
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    has_failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not has_failed


def missing_to_draw() -> dict[str, str]:
    """Libraries Qt needs to be imported at all, off screen too, and that are absent: library -> package."""
    return _missing(_TO_DRAW) if sys.platform.startswith("linux") else {}


def problem(environment: Mapping[str, str] = os.environ) -> str | None:
    """The sentences to show instead of a window, or None where a window can be opened."""
    if not sys.platform.startswith("linux"):
        return None
    off_screen = environment.get("QT_QPA_PLATFORM", "").split(":")[0] in _PLATFORMS_WITHOUT_A_SCREEN
    if not off_screen and not has_display(environment):
        return (
            "There is no display to open the window on (neither DISPLAY nor WAYLAND_DISPLAY is set). "
            f"Start Muster from your desktop.\n{WITHOUT_A_WINDOW}"
        )
    missing = missing_to_draw()
    if not off_screen:
        missing.update(
            _missing(_TO_OPEN_ON_WAYLAND if environment.get("WAYLAND_DISPLAY") else _TO_OPEN_ON_X11)
        )
    if missing:
        return f"{lacking_sentence(missing)}\n{WITHOUT_A_WINDOW}"
    display = environment.get("DISPLAY", "")
    if not off_screen and not environment.get("WAYLAND_DISPLAY") and not can_reach(display):
        return (
            f"The display {display} (named by DISPLAY) cannot be reached. Start Muster from your desktop, or with "
            f"its display.\n{WITHOUT_A_WINDOW}"
        )
    return None


def lacking_sentence(missing: Mapping[str, str]) -> str:
    """Which system libraries are absent and the command that brings them."""
    packages = " ".join(sorted(set(missing.values())))
    return (
        f"This computer lacks system libraries that the window needs ({', '.join(missing)}). On Debian and "
        f"Ubuntu this brings them:\n  sudo apt-get install --no-install-recommends {packages}"
    )


def _missing(libraries: Mapping[str, str]) -> dict[str, str]:
    absent: dict[str, str] = {}
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            absent[library] = package
    return absent
