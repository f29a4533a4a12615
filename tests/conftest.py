"""What every test relies on: an off-screen Qt, fixed random examples, a loud word where windows cannot be."""

from __future__ import annotations

import ast
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from app.ui import screen_check
from tests import counts

PROJECT = Path(__file__).resolve().parents[1]
REQUIRE_WINDOW = "MUSTER_REQUIRE_WINDOW"
_WINDOW_FIXTURES = {"qtbot", "qapp", "qtlog", "qtmodeltester"}
_WINDOW_IMPORTS = ("PySide6", "pytestqt", "app.ui")

# Without a display Qt ends the whole run at the first widget; off screen it draws into memory.
if not screen_check.has_display():
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# The same examples every time, so that a run that fails fails again. To look for new ones:
# python3 -m tests --all --hypothesis-profile explore
_ROOM = {"deadline": None, "database": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("share", max_examples=25, derandomize=True, **_ROOM)
settings.register_profile("all", max_examples=300, derandomize=True, print_blob=True, **_ROOM)
settings.register_profile("explore", max_examples=1000, print_blob=True, **_ROOM)
settings.load_profile("share")

_absent_libraries = screen_check.missing_to_draw()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add ``--all``; without Qt's libraries pytest-qt cannot even start, so it is taken out."""
    parser.addoption(
        "--all", action="store_true", help="run the large random counts and the slow tests whole"
    )
    if _absent_libraries:
        pluginmanager.set_blocked("pytest-qt")


def pytest_configure(config: pytest.Config) -> None:
    """Tell counts, child processes and Hypothesis whether the run is whole."""
    if config.getoption("--all"):
        os.environ[counts.WHOLE] = "1"
        if not config.getoption("--hypothesis-profile", None):
            settings.load_profile("all")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave slow tests to ``--all``; begin with the long ones, so that no process is left alone with one at the end."""
    if not counts.is_whole():
        slow = [item for item in items if item.get_closest_marker("slow")]
        if slow:
            config.hook.pytest_deselected(items=slow)
            items[:] = [item for item in items if item not in set(slow)]
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


# --- tests of the window where Qt's libraries are absent -----------------------------------------------------


def _no_window_reason() -> str:
    return f"WINDOW: {next(iter(_absent_libraries))} is missing"


def _stop_window_test() -> None:
    """Skip the test; where a window is required, fail it."""
    if _is_window_required():
        pytest.fail(_no_window_reason(), pytrace=False)
    pytest.skip(_no_window_reason())


def _is_window_required() -> bool:
    return os.environ.get("CI", "").lower() == "true" or os.environ.get(REQUIRE_WINDOW) == "1"


def pytest_collection_finish() -> None:
    """What stays for the whole run need not be gone through at every collection of rubbish: a fifth of the time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without Qt's libraries, stop a test of the window that could be collected all the same."""
    if _absent_libraries:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & _WINDOW_FIXTURES or item.get_closest_marker("window"):
            _stop_window_test()


class _WindowTest(pytest.Item):
    """Stands for one test function of a module that cannot be imported without Qt's libraries."""

    def runtest(self) -> None:
        """Skip, or fail where a window is required."""
        _stop_window_test()


class _WindowModule(pytest.File):
    """Counts the test functions of a module without importing it."""

    def collect(self) -> Iterator[pytest.Item]:
        """One stand-in per test function, found by reading the text."""
        for node in ast.walk(ast.parse(self.path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield _WindowTest.from_parent(self, name=node.name)


def needs_window(text: str, path: Path) -> bool:
    """Whether a test module needs Qt's libraries to be imported: by its place or by its imports."""
    if PROJECT / "tests" / "ui" in path.parents:
        return True
    names: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    harmless = {"app.ui", "app.ui.screen_check"}
    found = [name for name in names if name.startswith(_WINDOW_IMPORTS) and name not in harmless]
    return any(not name.startswith("app.ui.screen_check.") for name in found)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Without Qt's libraries, count a window test module instead of importing it."""
    if _absent_libraries and needs_window(module_path.read_text(encoding="utf-8"), module_path):
        return _WindowModule.from_parent(parent, path=module_path)
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Without Qt's libraries, tests/ui is a plain folder: its own set-up imports Qt."""
    if _absent_libraries and path == PROJECT / "tests" / "ui":
        return _WindowFolder.from_parent(parent, path=path)
    return None


class _WindowFolder(pytest.File):
    """tests/ui without its conftest, which pytest loads for a ``Directory`` before it collects."""

    def collect(self) -> Iterator[pytest.Collector]:
        """One stand-in module per test file, subfolders included."""
        for path in sorted(self.path.rglob("test_*.py")):
            yield _WindowModule.from_parent(self, path=path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What was measured, how to repeat this run, and one loud, counted line where tests of the window could not run."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    for line in sorted(
        {str(value) for report in reports for name, value in report.user_properties if name == "measured"}
    ):
        terminalreporter.write_line(line)
    kind = "whole counts" if counts.is_whole() else "a share of the large random counts (--all: whole)"
    seed = config.getoption("randomly_seed", None)
    terminalreporter.write_line(f"Ran with {kind}; --randomly-seed={seed} repeats this order.")
    if not _absent_libraries:
        return
    stopped = {
        outcome: sum("WINDOW:" in str(report.longrepr) for report in terminalreporter.stats.get(outcome, []))
        for outcome in ("skipped", "failed", "error")
    }
    if count := sum(stopped.values()):
        did = "SKIPPED" if stopped["skipped"] else "FAILED"
        absent = next(iter(_absent_libraries)) + (" and others are" if len(_absent_libraries) > 1 else " is")
        terminalreporter.write_line(
            f"WINDOW TESTS {did}: {count} tests, because {absent} missing. On Debian and Ubuntu: "
            f"apt-get install --no-install-recommends {' '.join(_absent_libraries.values())}",
            red=True,
            bold=True,
        )
