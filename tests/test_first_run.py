"""The set-up on a fresh machine, with real environments, a real pip and a wheel made here; no network."""

from __future__ import annotations

import ast
import base64
import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app import first_run
from app.ui import screen_check

PROJECT = Path(__file__).resolve().parents[1]
# Whatever runs the tests, the set-up starts from a Python that has nothing.
BARE_PYTHON = getattr(sys, "_base_executable", sys.executable)
LOCK = "requirements.lock"

PROGRAM = """
import sys
from app import first_run
left = first_run.enter("requirements.lock")
if left is not None:
    sys.exit(left)
import tiny_package
print(f"inside {sys.prefix} with {tiny_package.VERSION} {sys.argv[1:]}")
sys.exit(7)
"""


def make_wheel(folder: Path, version: str) -> str:
    """A wheel of one module in ``folder``; returns its SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    about = f"tiny_package-{version}.dist-info"
    texts = {
        "tiny_package.py": f"VERSION = {version!r}\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: tiny-package\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_digest(text)},{len(text)}\n" for name, text in texts.items())
    texts[f"{about}/RECORD"] = f"{record}{about}/RECORD,,\n"
    wheel = folder / f"tiny_package-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        for name, text in texts.items():
            packed.writestr(name, text)
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


class Machine:
    """A project folder with a blank in its name, a home, and a folder of wheels instead of an index."""

    def __init__(self, root: Path) -> None:
        self.project, self.home, self.wheels = root / "my project", root / "hr lead", root / "wheels"
        self.environment = self.project / ".venv"
        self.cache = self.home / "cache"

    def fill(self) -> Machine:
        for folder in (self.project / "app", self.home):
            folder.mkdir(parents=True)
        for name in ("__init__.py", "first_run.py"):
            shutil.copy(PROJECT / "app" / name, self.project / "app" / name)
        (self.project / "program.py").write_text(PROGRAM, encoding="utf-8")
        return self.lock_to("1.0")

    def lock_to(self, version: str, digest: str = "") -> Machine:
        made = make_wheel(self.wheels, version)
        text = f"tiny-package=={version} \\\n    --hash=sha256:{digest or made}\n"
        (self.project / LOCK).write_text(text, encoding="utf-8")
        return self

    def variables(self, **more: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.upper().startswith(("PIP_", "PYTHON", "COV_", "PYTEST_", "MUSTER_", "VIRTUAL_ENV"))
        }
        kept["PIP_CONFIG_FILE"] = os.devnull
        own = {"HOME": self.home, "USERPROFILE": self.home, "XDG_CACHE_HOME": self.cache}
        own |= {"LOCALAPPDATA": self.cache, "PIP_FIND_LINKS": self.wheels.as_uri(), "PIP_NO_INDEX": "1"}
        return {**kept, **{name: str(value) for name, value in own.items()}, **more}

    def begin(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [BARE_PYTHON, "program.py", *arguments], cwd=self.project, env=self.variables(**variables),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8",
        )  # fmt: skip

    def start(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        with self.begin(*arguments, **variables) as process:
            out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def note(self, environment: Path | None = None) -> dict[str, str]:
        path = (environment or self.environment) / "muster-set-up.json"
        return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def set_up_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[int, str, str]]:
    """A machine that was started once, and what that start said."""
    root = tmp_path_factory.mktemp("set up")
    return root, Machine(root).fill().start("gaps", "--by", "unit of two words")


@pytest.fixture
def fresh(tmp_path: Path) -> Machine:
    return Machine(tmp_path).fill()


@pytest.fixture
def used(tmp_path: Path, set_up_once: tuple[Path, tuple[int, str, str]]) -> Machine:
    """A copy of the machine that was set up: its environment works wherever it lies."""
    shutil.copytree(set_up_once[0], tmp_path / "used", symlinks=True)
    return Machine(tmp_path / "used")


def test_first_start_makes_the_environment_and_goes_on_inside(
    set_up_once: tuple[Path, tuple[int, str, str]],
) -> None:
    root, (code, out, err) = set_up_once
    environment = Machine(root).environment
    assert (code, out.strip()) == (7, f"inside {environment} with 1.0 ['gaps', '--by', 'unit of two words']")
    assert "Muster sets itself up" in err
    assert "fetching 1 of 1: tiny" in err
    assert "is set up" in err


def test_second_start_neither_installs_nor_says_anything(used: Machine) -> None:
    shutil.rmtree(used.wheels)
    code, out, err = used.start()
    assert (code, err) == (7, "")
    assert str(used.environment) in out


def test_a_changed_lock_is_installed_again(used: Machine) -> None:
    code, out, err = used.lock_to("2.0").start()
    assert code == 7
    assert "with 2.0" in out
    assert "Muster sets itself up" in err


def test_line_ends_of_a_windows_checkout_are_no_change(used: Machine) -> None:
    lock = used.project / LOCK
    lock.write_bytes(lock.read_bytes().replace(b"\n", b"\r\n"))
    assert used.start()[2] == ""


def test_a_set_up_killed_half_way_is_finished_by_the_next_start(fresh: Machine) -> None:
    with fresh.begin() as killed:
        assert killed.stderr is not None
        for line in killed.stderr:
            if "fetching" in line:
                killed.kill()
                break
    code, out, err = fresh.start()
    assert (code, "with 1.0" in out) == (7, True), err
    assert fresh.note()["state"] == "ready"


def test_a_half_unpacked_package_is_not_taken_for_a_whole_one(used: Machine) -> None:
    note = used.environment / "muster-set-up.json"
    note.write_text('{"state": "started"}', encoding="utf-8")
    module = next(used.environment.rglob("tiny_package.py"))
    module.unlink()
    code, out, _ = used.start()
    assert (code, "with 1.0" in out) == (7, True)
    assert module.exists()


def test_an_environment_made_by_hand_is_completed_not_thrown_away(used: Machine) -> None:
    (used.environment / "muster-set-up.json").unlink()
    mine = used.environment / "mine.txt"
    mine.write_text("kept", encoding="utf-8")
    assert used.start()[0] == 7
    assert mine.exists()


def test_an_environment_whose_python_is_gone_is_made_anew(used: Machine) -> None:
    python = first_run.python_in(used.environment)
    python.unlink()
    (used.environment / "mine.txt").write_text("of the old one", encoding="utf-8")
    code, _, err = used.start()
    assert code == 7, err
    assert not (used.environment / "mine.txt").exists()


def test_two_starts_at_once_set_up_once(fresh: Machine) -> None:
    with fresh.begin() as first, fresh.begin() as second:
        said = [process.communicate(timeout=120) for process in (first, second)]
    assert [first.returncode, second.returncode] == [7, 7], said
    assert sum("Muster sets itself up" in err for _, err in said) == 1
    assert all("with 1.0" in out for out, _ in said)


def test_a_project_that_cannot_be_written_to_has_its_environment_in_the_cache(fresh: Machine) -> None:
    # A folder where the lock file would be: refused to root as well, whom permissions do not stop.
    (fresh.project / ".venv.lock").mkdir()
    code, out, err = fresh.start()
    assert code == 7, err
    assert str(fresh.cache / "muster") in out
    assert not fresh.environment.exists()
    assert fresh.start()[2] == ""


def test_no_folder_to_write_to_is_a_sentence_and_exit_code_3(fresh: Machine) -> None:
    (fresh.project / ".venv.lock").mkdir()
    fresh.cache.write_text("a file where the folder should be", encoding="utf-8")
    code, _, err = fresh.start()
    assert code == first_run.STORE_REFUSED
    assert "can write to none of these" in err
    assert "Traceback" not in err


def test_a_package_with_another_hash_is_refused(fresh: Machine) -> None:
    code, _, err = fresh.lock_to("1.0", digest="0" * 64).start()
    assert code == first_run.LACKS_SOMETHING
    assert "differs from the one Muster was tested with" in err
    assert fresh.note()["state"] == "started"


def test_no_network_is_a_sentence(fresh: Machine) -> None:
    # Port 9 of this machine: nothing listens there, the answer is immediate.
    nowhere = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    code, _, err = fresh.start(**nowhere)
    assert code == first_run.LACKS_SOMETHING
    assert "The package index cannot be reached" in err
    assert "Traceback" not in err


def test_a_package_without_a_build_for_this_computer_is_a_sentence(fresh: Machine) -> None:
    shutil.rmtree(fresh.wheels)
    fresh.wheels.mkdir()
    code, _, err = fresh.start()
    assert code == first_run.LACKS_SOMETHING
    assert "has no build of a package for this computer" in err


def test_a_python_without_venv_names_the_package_that_brings_it(fresh: Machine) -> None:
    hooks = fresh.home / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(
        "import importlib.machinery as machinery, sys\n"
        "class WithoutVenv(machinery.PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        "        return None if name == 'ensurepip' else super().find_spec(name, path, target)\n"
        "sys.meta_path = [WithoutVenv if f is machinery.PathFinder else f for f in sys.meta_path]\n",
        encoding="utf-8",
    )
    code, _, err = fresh.start(PYTHONPATH=str(hooks))
    assert code == first_run.LACKS_SOMETHING
    assert "python3-venv" in err


def test_a_lock_that_is_not_there_is_a_sentence(fresh: Machine) -> None:
    (fresh.project / LOCK).unlink()
    code, _, err = fresh.start()
    assert code == first_run.LACKS_SOMETHING
    assert "requirements.lock cannot be read" in err


def test_a_bundle_sets_nothing_up(fresh: Machine) -> None:
    program = (
        "import sys; sys.frozen = True; from app import first_run\n"
        "sys.exit(first_run.enter('none') is not None)"
    )
    done = subprocess.run([BARE_PYTHON, "-c", program], cwd=fresh.project, env=fresh.variables(), check=False)
    assert done.returncode == 0
    assert not fresh.environment.exists()


def test_closed_streams_do_no_harm(used: Machine) -> None:
    if os.name == "nt":
        pytest.skip("Windows programs have no descriptors to close")
    command = f'"{BARE_PYTHON}" program.py <&- >&- 2>&-'
    done = subprocess.run(["/bin/sh", "-c", command], cwd=used.project, env=used.variables(), check=False)
    assert done.returncode == 7


@pytest.mark.parametrize(
    ("said", "sentence", "code"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "The disk is too full", 3),
        (
            "WARNING: Retrying after NewConnectionError: Temporary failure in name resolution",
            "cannot be reached",
            2,
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "differs from the one",
            2,
        ),
        ("ERROR: No matching distribution found for pyside6-essentials", "no build of a package", 2),
        ("ERROR: something nobody thought of", "show these lines", 2),
    ],
)
def test_what_pip_says_becomes_a_sentence(said: str, sentence: str, code: int, tmp_path: Path) -> None:
    stopped = first_run.why_stopped(["Collecting numpy", said], tmp_path)
    assert sentence in str(stopped)
    assert said in str(stopped) or code == first_run.STORE_REFUSED
    assert stopped.exit_code == code


@pytest.mark.parametrize("name", ["main.py", "app/__init__.py", "app/first_run.py", "app/ui/screen_check.py"])
def test_an_old_python_can_read_what_tells_it_that_it_is_too_old(name: str) -> None:
    ast.parse((PROJECT / name).read_text(encoding="utf-8"), feature_version=(3, 8))


def test_without_a_display_the_window_is_refused_before_anything_is_installed(fresh: Machine) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("elsewhere there is always a display")
    (fresh.project / "app" / "ui").mkdir()
    for name in ("main.py", "app/ui/__init__.py", "app/ui/screen_check.py"):
        shutil.copy(PROJECT / name, fresh.project / name)
    variables = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"), "")
    done = subprocess.run(
        [BARE_PYTHON, "main.py"], cwd=fresh.project, env=fresh.variables(**variables), capture_output=True,
        text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "There is no display" in done.stderr
    assert "python3 main.py demo" in done.stderr
    assert not fresh.environment.exists()


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="system libraries are asked for under Linux only"
)
def test_missing_libraries_are_named_with_the_packages_that_bring_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(screen_check, "_TO_DRAW", {"libnosuch.so.9": "libnosuch9"})
    assert screen_check.missing_to_draw() == {"libnosuch.so.9": "libnosuch9"}
    problem = screen_check.problem({"QT_QPA_PLATFORM": "offscreen"})
    assert problem is not None
    assert "apt-get install --no-install-recommends libnosuch9" in problem


def test_off_screen_needs_no_display() -> None:
    problem = screen_check.problem({"QT_QPA_PLATFORM": "offscreen"})
    assert problem is None or "display" not in problem


def test_a_display_that_does_not_answer_is_told_before_qt_ends_the_process() -> None:
    try:
        ctypes.CDLL("libxcb.so.1")
    except OSError:
        pytest.skip("without libxcb nobody can ask the display")
    assert not screen_check.can_reach(":987")
    problem = screen_check.problem({"DISPLAY": ":987"})
    assert problem is not None
    assert "The display :987" in problem or "lacks system libraries" in problem
