"""``python3 -m tests [--all] [pytest's own arguments]``: set up what the tests need, then run them."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from app import first_run


def main(arguments: list[str]) -> int:
    """Run the tests and return pytest's exit code."""
    left = first_run.enter("requirements-dev.lock", covers=("requirements.lock",))
    if left is not None:
        return left
    import pytest  # late: not there before the set-up

    project = Path(__file__).resolve().parents[1]
    named = any(Path(argument.split("::")[0]).exists() for argument in arguments)
    where = [] if named else [str(project / "tests")]
    # Two processes use the two cores a small machine has; "-n 0" on the command line undoes it.
    # What one has not begun the other may take, so that both end together.
    _keep_bytecode(project / ".venv" / "bytecode")
    usual = ["--rootdir", str(project), "-n", "2", "--dist", "worksteal"]
    with tempfile.TemporaryDirectory() as aside:
        if not os.access(project, os.W_OK):
            os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = aside
            usual += ["-o", f"cache_dir={aside}"]
        return int(pytest.main([*usual, *arguments, *where]))


def _keep_bytecode(place: Path) -> None:
    """Where the machine is told to write no bytecode beside sources, keep it aside.

    Tests start hundreds of processes, and each would compile the program anew: a second every time.
    """
    if not sys.dont_write_bytecode:
        return
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(place)
    sys.dont_write_bytecode = False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
