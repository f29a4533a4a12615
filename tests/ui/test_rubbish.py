"""Rings of references around Qt's objects end in the window's thread, whoever allocates."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QTimer

from app.ui.rubbish import Collector


@pytest.fixture
def collector(qapp: Any) -> Iterator[Collector]:
    made = Collector()
    yield made
    made.stop()
    assert gc.isenabled()


class Ring(QTimer):
    """A timer that holds itself, as one connected to a function around itself does."""

    def __init__(self) -> None:
        super().__init__()
        self.me = self


def test_a_worker_ends_no_ring_and_a_tick_does(collector: Collector) -> None:
    ended_in: list[threading.Thread] = []
    ring = Ring()
    weakref.finalize(ring, lambda: ended_in.append(threading.current_thread()))
    del ring

    def allocate() -> None:
        kept = [[number] for number in range(200_000)]
        assert len(kept) == 200_000

    worker = threading.Thread(target=allocate)
    worker.start()
    worker.join()
    assert ended_in == []
    for _ in range(200):  # the ring may have grown old already: then it ends with the oldest
        collector.tick()
        made = [[number] for number in range(2_000)]
        assert made
    assert ended_in == [threading.main_thread()]
