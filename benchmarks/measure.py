"""How benchmarks measure: medians of several runs, and ratios against a baseline measured in the same run."""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One figure: ours against a baseline, in the unit named; ``target`` is the ratio to reach (0: none set)."""

    what: str
    against: str
    ours: float
    baseline: float
    target: float
    unit: str = "s"
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours ÷ baseline."""
        return self.ours / self.baseline if self.baseline else float("nan")


def seconds(work: Callable[[], object], runs: int = 5, warm_up: int = 1) -> float:
    """Median wall-clock seconds of a piece of work."""
    for _ in range(warm_up):
        work()
    taken: list[float] = []
    for _ in range(runs):
        gc.collect()
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def peak_megabytes() -> float:
    """The most memory this process and its children have held, each for itself; 0 where it cannot be told."""
    try:
        import resource
    except ImportError:
        return 0.0
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024


def report(*results: Result) -> None:
    """Hand results to whoever runs the benchmark: one JSON line each."""
    for result in results:
        print(json.dumps(asdict(result)), file=sys.stdout, flush=True)
