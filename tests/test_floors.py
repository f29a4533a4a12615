"""The rules of the house: floors, sizes, and what tests may not do (docs/architecture.md)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import pytest

PROJECT = Path(__file__).resolve().parents[1]
APP = PROJECT / "app"

LONGEST_FILE = 600
LONGEST_FUNCTION = 50
LONGEST_CLASS = 350
MOST_PARAMETERS = 7

MATPLOTLIB_HOMES = {"charts", "ui/canvas.py"}
QT_HOMES = {"ui"}
BANNED_NAMES = {"utils", "helpers", "common", "manager", "handler", "misc", "base", "data", "info", "dto"}
BROAD_EXCEPT_HOMES = {"ui/jobs.py", "ui/application.py", "cli/main.py"}


class Measured(NamedTuple):
    """A file, function or class and its length in lines."""

    where: str
    lines: int


@cache
def sources() -> list[Path]:
    return sorted(APP.rglob("*.py"))


def inside(path: Path) -> str:
    return path.relative_to(APP).as_posix()


def is_at_home(path: Path, homes: set[str]) -> bool:
    return any(inside(path) == home or inside(path).startswith(f"{home}/") for home in homes)


class Facts(NamedTuple):
    """What the rules ask of a file: kept instead of its tree, which is large and slows every collection of rubbish."""

    imports: tuple[str, ...]
    top_imports: tuple[str, ...]
    functions: tuple[tuple[str, int, int], ...]
    classes: tuple[tuple[str, int], ...]
    catches_broadly: bool


@cache
def facts(path: Path) -> Facts:
    """Imports (late ones included), functions with length and parameters, classes with length, broad handlers."""
    whole = ast.parse(path.read_text(encoding="utf-8"), str(path))
    name = path.relative_to(PROJECT).as_posix()
    imports: list[str] = []
    functions: list[tuple[str, int, int]] = []
    classes: list[tuple[str, int]] = []
    is_broad = False
    for node in ast.walk(whole):
        match node:
            case ast.Import():
                imports += [alias.name for alias in node.names]
            case ast.ImportFrom(module=str(module), level=0):
                imports.append(module)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                functions.append((f"{name}:{node.lineno} {node.name}", length(node), parameters(node)))
            case ast.ClassDef():
                classes.append((f"{name}:{node.lineno} {node.name}", length(node)))
            case ast.ExceptHandler() if not _raises_again(node):
                caught = ast.unparse(node.type) if node.type else "everything"
                is_broad |= caught in ("everything", "Exception", "BaseException")
            case _:
                pass
    top = tuple(ast.unparse(node) for node in whole.body if isinstance(node, (ast.Import, ast.ImportFrom)))
    return Facts(tuple(imports), top, tuple(functions), tuple(classes), is_broad)


def imported(path: Path) -> tuple[str, ...]:
    """Every module name that a file imports, late imports included."""
    return facts(path).imports


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many parameters besides the object or class itself."""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return len([argument for argument in arguments if argument.arg not in ("self", "cls")])


def length(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def is_table_of_specs(path: Path) -> bool:
    """Migrations and files of nothing but data rows are lists, not code to be read."""
    return inside(path).startswith("db/migrations/versions/")


def assert_under(
    kind: str, measured: list[Measured], limit: int, record_property: Callable[[str, object], None]
) -> None:
    """No entry above the limit; median and 90th percentile are printed at the end, so that drift is seen."""
    sizes = [entry.lines for entry in measured]
    p90 = quantiles(sizes, n=10)[-1] if len(sizes) > 1 else sizes[0]
    spread = f"median {median(sizes):.0f}, p90 {p90:.0f}, longest {max(sizes)}"
    record_property("measured", f"{len(sizes)} {kind}: {spread} lines (limit {limit})")
    assert [entry for entry in measured if entry.lines > limit] == []


def test_floors_and_other_import_contracts_hold() -> None:
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as go; go()"],
        cwd=PROJECT, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_package_and_module_of_app_has_a_floor() -> None:
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]
    floors = next(contract for contract in contracts["contracts"] if contract["name"] == "Floors")
    assert floors["exhaustive"] is True
    placed = {name.strip(" ()") for layer in floors["layers"] for name in re.split(r"[|:]", layer)}
    present = {path.stem for path in APP.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert present - {"__init__"} - placed == set()


def test_everything_below_the_window_can_be_imported_without_qt() -> None:
    below = [
        "app." + inside(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for path in sources()
        if not is_at_home(path, QT_HOMES) and "migrations" not in path.parts and path != APP / "__init__.py"
    ]
    program = (
        "import importlib, sys\n"
        "class NoQt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('PySide6', 'shiboken6'): raise ImportError(name)\n"
        "sys.meta_path.insert(0, NoQt())\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "assert 'PySide6' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *below], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_command_line_imports_nothing_slow_before_it_needs_it() -> None:
    program = (
        "import sys, app.cli.main\n"
        "slow = {'matplotlib', 'openpyxl', 'alembic', 'highspy', 'PySide6'} & set(sys.modules)\n"
        "assert not slow, slow\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("package", "homes"),
    [("matplotlib", MATPLOTLIB_HOMES), ("PySide6", QT_HOMES), ("highspy", {"analysis/milp.py"})],
)
def test_a_package_is_imported_only_where_it_is_at_home(package: str, homes: set[str]) -> None:
    strays = {
        inside(path)
        for path in sources()
        if not is_at_home(path, homes) and any(name.split(".")[0] == package for name in imported(path))
    }
    assert strays == set()


def test_matplotlib_is_never_imported_at_the_top_of_a_file_nor_through_pyplot() -> None:
    early: set[str] = set()
    for path in sources():
        if any("matplotlib" in words for words in facts(path).top_imports):
            early.add(inside(path))
        if any("pyplot" in name for name in imported(path)):
            early.add(f"{inside(path)} (pyplot)")
    assert early - {"ui/canvas.py"} == set()


def test_first_run_imports_the_standard_library_only() -> None:
    names = {name.split(".")[0] for name in imported(APP / "first_run.py")} - {"__future__"}
    assert names - set(sys.stdlib_module_names) == set()


def test_main_stays_an_entrance() -> None:
    lines = (PROJECT / "main.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 30
    assert {name for name in imported(PROJECT / "main.py") if name.split(".")[0] == "PySide6"} == set()


def test_no_file_is_too_long(record_property: Callable[[str, object], None]) -> None:
    measured = [
        Measured(inside(path), len(path.read_text(encoding="utf-8").splitlines()))
        for path in sources()
        if not is_table_of_specs(path)
    ]
    assert_under("files", [entry for entry in measured if entry.lines > 1], LONGEST_FILE, record_property)


def test_no_function_is_too_long(record_property: Callable[[str, object], None]) -> None:
    measured = [
        Measured(where, lines)
        for path in sources()
        if not is_table_of_specs(path)
        for where, lines, _ in facts(path).functions
    ]
    assert_under("functions", measured, LONGEST_FUNCTION, record_property)


def test_no_class_is_too_long(record_property: Callable[[str, object], None]) -> None:
    measured = [Measured(*one) for path in sources() for one in facts(path).classes]
    assert_under("classes", measured, LONGEST_CLASS, record_property)


def test_no_function_takes_too_many_parameters() -> None:
    crowded: list[str] = []
    for path in sources():
        # Typer reads a command's options from its parameters: there they are the table of specs.
        if not inside(path).startswith("cli/"):
            crowded += [
                f"{where} takes {count}"
                for where, _, count in facts(path).functions
                if count > MOST_PARAMETERS
            ]
    assert crowded == []


def test_names_of_files_say_what_is_in_them() -> None:
    named = {
        inside(path) for path in sources() if path.stem in BANNED_NAMES or path.parent.name in BANNED_NAMES
    }
    assert named - {"models/base.py"} == set()


def test_everything_is_caught_in_three_places_only() -> None:
    broad = {inside(path) for path in sources() if facts(path).catches_broadly}
    assert broad - BROAD_EXCEPT_HOMES == set()


def _raises_again(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def test_tests_neither_sleep_nor_wait_nor_retry() -> None:
    forbidden = {
        "qtbot." + "wait(": re.compile(r"\bqtbot\.wait" + r"\("),
        "time." + "sleep": re.compile(r"\btime\.sleep" + r"\b"),
        "flaky": re.compile(r"mark\.flaky" + r"|@flaky"),
        "mock": re.compile(r"unittest\.mock" + r"|\bMagicMock\b"),
    }
    found = [
        f"{path.relative_to(PROJECT).as_posix()}: {name}"
        for path in sorted((PROJECT / "tests").rglob("*.py"))
        if path != Path(__file__)
        for name, pattern in forbidden.items()
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def _names_and_hashes(lock: str) -> dict[str, set[str]]:
    packages: dict[str, set[str]] = {}
    name = ""
    for line in (PROJECT / lock).read_text(encoding="utf-8").splitlines():
        if "==" in line:
            name = line.rstrip(" \\")
            packages[name] = set()
        else:
            packages[name].add(line.strip(" \\"))
    return packages


def test_locks_hold_names_versions_and_hashes_and_nothing_else() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        for name, hashes in _names_and_hashes(lock).items():
            assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.+]*( ; .+)?", name), name
            assert hashes, name
            assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", value) for value in hashes), name


def test_what_tests_run_on_is_what_users_run_on() -> None:
    runtime, development = _names_and_hashes("requirements.lock"), _names_and_hashes("requirements-dev.lock")
    assert {name: development.get(name.split(" ;")[0], development.get(name)) for name in runtime} == runtime


def test_no_committed_text_names_an_index_or_a_folder_of_one_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    address = re.compile(r"(--(extra-)?index-url|--find-links)[ =]|find-links *=" + r"|/root/|file:///opt")
    kinds = (".py", ".toml", ".lock", ".md", "/run")
    texts = [PROJECT / name for name in listed.stdout.split("\0") if name.endswith(kinds)]
    named = [
        path.relative_to(PROJECT).as_posix()
        for path in texts
        if path.exists() and path != Path(__file__) and address.search(path.read_text(encoding="utf-8"))
    ]
    assert named == []
