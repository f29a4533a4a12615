"""Make Muster's own Python environment on a fresh machine, then carry on inside it.

Standard library only, and nothing of ours: this file runs before anything is installed. Its syntax stays
readable to Python 3.8 so that an old Python meets a sentence rather than a traceback.

The environment is ``.venv`` beside the project, or a folder in the user's cache where the project cannot be
written to. A note in it (``muster-set-up.json``) says which lock files it holds in full, by the hash of their
text: a changed lock is installed again, and an environment whose set-up was cut short is made anew, because
pip takes a package that was half unpacked for a whole one.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Sequence
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

PROJECT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = (3, 11)
ROOM_NEEDED_MB = 1200
"""Free space a first set-up asks for: 800 MB of packages, and the downloads while they are unpacked."""

LACKS_SOMETHING = 2
"""Exit code: this computer lacks something (Python too old, no ``venv``, no network)."""
STORE_REFUSED = 3
"""Exit code: the disk refused (no folder can be written to, disk full)."""

_HANDED_OVER = "MUSTER_ENVIRONMENT"
_NOTE = "muster-set-up.json"
_NO_NETWORK = (
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|"
    r"Network is unreachable|Connection (refused|broken|aborted)|Temporary failure"
)


class SetUpError(Exception):
    """The set-up cannot go on; the text says why and what to do."""

    def __init__(self, sentence: str, exit_code: int = LACKS_SOMETHING) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


def enter(lock: str, covers: Sequence[str] = (), project: Path = PROJECT) -> int | None:
    """Make sure that the packages of ``lock`` can be imported.

    ``lock`` is the name of a lock file in ``project``; ``covers`` names others that it includes whole.
    Returns None when this very process can go on. Otherwise the work was done elsewhere, or could not be, and
    the answer is the exit code to end with. On Linux and macOS a hand-over replaces this process and does not
    return.
    """
    if os.environ.pop(_HANDED_OVER, None) or getattr(sys, "frozen", False):
        return None
    try:
        _check_python()
        wanted = {name: _fingerprint(project / name) for name in (lock, *covers)}
        if _is_own_interpreter(project, lock, wanted[lock]):
            return None
        environment = _ready_environment(project, lock, wanted)
    except SetUpError as stopped:
        _say(str(stopped))
        return stopped.exit_code
    except KeyboardInterrupt:
        _say("The set-up was stopped. Start Muster again to finish it.")
        return 130
    return _hand_over(environment)


def python_in(environment: Path) -> Path:
    """The interpreter of a virtual environment on this system."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_ready(environment: Path, lock: str, fingerprint: str) -> bool:
    """Whether ``environment`` holds all of ``lock`` and the Python that it was made with is still there."""
    note = _read_note(environment)
    if note.get("state") != "ready" or note.get(lock) != fingerprint or not python_in(environment).exists():
        return False
    # After a system upgrade the link in the environment leads to another Python, without its packages.
    return Path(note.get("base", "?")).exists() and _base_of(environment) == note["base"]


# --- which environment ------------------------------------------------------------------------------------


def _check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        raise SetUpError(
            "Muster needs Python {}.{} or newer; this is Python {}.{} ({}). Install a newer one and start "
            "Muster with it, for example: python3.12 main.py".format(
                *OLDEST_PYTHON, *sys.version_info[:2], sys.executable
            )
        )


def _fingerprint(lock: Path) -> str:
    try:
        text = lock.read_text(encoding="utf-8")
    except OSError as error:
        raise SetUpError(
            f"{lock.name} cannot be read beside main.py ({error.strerror}). Get Muster's folder again, whole."
        ) from None
    # Read as text, so that the line ends of a Windows checkout make no other hash.
    return hashlib.sha256(text.encode()).hexdigest()


def _is_own_interpreter(project: Path, lock: str, fingerprint: str) -> bool:
    """Whether this Python has the packages already: a prepared environment, or one made by hand or by pip."""
    if sys.prefix == sys.base_prefix:
        return False
    here = Path(sys.prefix)
    note = _read_note(here)
    if note:
        return is_ready(here, lock, fingerprint)
    return not _lacking(project / lock)


def _lacking(lock: Path) -> list[str]:
    """Distributions of ``lock`` that this interpreter lacks; which versions it has is its owner's affair."""
    from importlib import metadata  # late: 20 ms, and a prepared environment needs it not

    lacking: list[str] = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition("==")
        if not rest or ";" in rest:  # a hash, or a package for some systems only
            continue
        try:
            metadata.version(name.strip())
        except metadata.PackageNotFoundError:
            lacking.append(name.strip())
    return lacking


def _ready_environment(project: Path, lock: str, wanted: dict[str, str]) -> Path:
    places = (project / ".venv", _cache_folder() / _place_name(project))
    for place in places:
        if is_ready(place, lock, wanted[lock]):
            return place
    reasons: list[str] = []
    for place in places:
        try:
            with _only_one(place) as held:
                if not is_ready(place, lock, wanted[lock]):
                    _set_up(place, project / lock, wanted, held)
                return place
        except OSError as error:
            if _is_full(error):
                raise SetUpError(_disk_full(place), STORE_REFUSED) from None
            reasons.append(f"  {place}: {error.strerror or error}")
    raise SetUpError(
        "Muster needs a folder for its own packages and can write to none of these:\n"
        + "\n".join(reasons)
        + "\nCopy Muster to a folder that you may write to, or ask your IT team for access to one of them.",
        STORE_REFUSED,
    )


def _cache_folder() -> Path:
    if sys.platform == "win32":
        named, usual = os.environ.get("LOCALAPPDATA"), Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        named, usual = None, Path.home() / "Library" / "Caches"
    else:
        named, usual = os.environ.get("XDG_CACHE_HOME"), Path.home() / ".cache"
    return (Path(named) if named and Path(named).is_absolute() else usual) / "muster"


def _place_name(project: Path) -> str:
    return "environment-" + hashlib.sha256(str(project).encode("utf-8", "surrogateescape")).hexdigest()[:12]


# --- the set-up itself ------------------------------------------------------------------------------------


@contextlib.contextmanager
def _only_one(place: Path) -> Generator[int, None, None]:
    """Hold the set-up of ``place`` to one process; the system lets go of it when the process dies.

    Gives the descriptor of the lock. Raises OSError where the folder cannot be written to.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(place.name + ".lock").open("a+b") as held:
        if not _try_lock(held.fileno()):
            _say("Another start of Muster is setting it up; waiting for it ...")
            while not _try_lock(held.fileno()):
                time.sleep(0.2)
        yield held.fileno()


def _try_lock(descriptor: int) -> bool:
    """Whether this process now holds the file. Where the file system knows no locks, it goes on without."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True


def _set_up(place: Path, lock: Path, wanted: dict[str, str], held: int) -> None:
    note = _read_note(place)
    _say(f"Muster sets itself up in {place} (once; later starts skip this).")
    if note.get("state") == "started" or (place.exists() and not _has_working_pip(place, note)):
        _remove(place)
    _check_room(place)
    if not place.exists():
        place.mkdir()
        _write_note(place, {"state": "started"})
        _make_environment(place)
    _write_note(place, {"state": "started"})
    _install(place, lock, held)
    # Only what was installed just now is held in full: it may have replaced versions that another lock names.
    _write_note(place, {"state": "ready", "base": _base_of(place), **wanted})
    _say("Muster is set up.")


def _remove(place: Path) -> None:
    try:
        shutil.rmtree(place)
    except OSError as error:
        raise SetUpError(
            f"{place} is left of an earlier set-up and cannot be removed ({error.strerror or error}). Close "
            "what may still use it, or delete it by hand, and start Muster again.",
            STORE_REFUSED,
        ) from None


def _base_of(environment: Path) -> str:
    """The Python that an environment was made with: the program, or under Windows its folder."""
    if os.name != "nt":
        return str(python_in(environment).resolve())
    try:
        lines = (environment / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split("=", 1)[1].strip() for line in lines if line.startswith("home")), "")


def _has_working_pip(place: Path, note: dict[str, str]) -> bool:
    if note and _base_of(place) != note.get("base"):
        return False
    try:
        done = subprocess.run(
            [str(python_in(place)), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    except OSError:
        return False
    return done.returncode == 0


def _check_room(place: Path) -> None:
    free_mb = shutil.disk_usage(place.parent).free // 1_000_000
    if free_mb < ROOM_NEEDED_MB and not place.exists():
        raise SetUpError(f"{_disk_full(place)} {free_mb} MB are free there.", STORE_REFUSED)


def _disk_full(place: Path) -> str:
    return (
        f"The disk is too full: setting Muster up takes about {ROOM_NEEDED_MB} MB in {place.parent}. Free "
        "some room and start Muster again; it finishes what was begun."
    )


def _make_environment(place: Path) -> None:
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = "{}.{}".format(*sys.version_info[:2])
        raise SetUpError(
            "This Python comes without the part that makes environments (venv). On Debian and Ubuntu this "
            f"brings it:\n  sudo apt-get install python3-venv    (or python{version}-venv)\n"
            "Then start Muster again."
        )
    import venv  # late: some systems package it apart, see above

    try:
        venv.EnvBuilder(with_pip=True, symlinks=os.name != "nt").create(place)
    except subprocess.CalledProcessError as error:
        raise why_stopped(_text(error.output).splitlines(), place) from None


def _install(place: Path, lock: Path, held: int) -> None:
    """Install exactly what ``lock`` names, every file checked against its hash.

    The lock names everything, so pip need not look for what a package needs: left to itself, older ones take a
    newer release for ``coverage[toml]`` than the one pinned, and then refuse it for want of a hash.
    Where the system allows it pip shares the lock ``held``: should this process be killed, the next start
    waits until pip has stopped writing as well.
    """
    count = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    command = [
        str(python_in(place)), "-m", "pip", "install", "--require-hashes", "--no-deps", "--only-binary=:all:",
        "--no-input", "--disable-pip-version-check", "--no-warn-script-location", "--progress-bar", "off",
        "--retries", "2", "-r", str(lock),
    ]  # fmt: skip
    misleading = ("PYTHONHOME", "PIP_QUIET", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")
    environment = {name: value for name, value in os.environ.items() if name not in misleading}
    pip = subprocess.Popen(
        command, cwd=place, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
        pass_fds=() if os.name == "nt" else (held,),
    )  # fmt: skip
    said: list[str] = []
    with pip, _Ticker(count) as ticker:
        for line in pip.stdout or ():
            said.append(line.rstrip())
            ticker.hear(line)
    if pip.returncode:
        raise why_stopped(said, place)


def why_stopped(said: Sequence[str], place: Path) -> SetUpError:
    """What pip's last words mean for the user."""
    text = "\n".join(said)
    if re.search(r"No space left on device|Errno 28|not enough space", text, re.IGNORECASE):
        return SetUpError(_disk_full(place), STORE_REFUSED)
    if "DO NOT MATCH THE HASHES" in text:
        what = (
            "A downloaded package differs from the one Muster was tested with, so it was not installed. Try "
            "again; if it stays so, ask whoever runs your package index."
        )
    elif re.search(_NO_NETWORK, text):
        what = (
            "The package index cannot be reached, and the first start fetches Muster's packages from it. "
            "Check the network (and the proxy: pip reads HTTPS_PROXY and pip.conf), then start Muster again."
        )
    elif re.search(r"No matching distribution|not a supported wheel", text):
        what = (
            "The package index has no build of a package for this computer. Muster needs a 64-bit Python "
            "{}.{} or newer, and Windows 10, macOS 13 or a Linux with glibc 2.34 (Debian 12, Ubuntu 22.04, "
            "RHEL 9) or newer."
        ).format(*OLDEST_PYTHON)
    else:
        what = (
            "The packages could not be installed. Start Muster again; if it stays so, show these lines to IT."
        )
    last = [line for line in said if line.strip()][-4:]
    return SetUpError(f"{what}\npip said:\n" + "\n".join(f"  {line}" for line in last))


class _Ticker:
    """One line that shows where pip is, on a terminal; now and then a plain line elsewhere."""

    def __init__(self, count: int) -> None:
        self._count, self._seen, self._what, self._done = count, 0, "", threading.Event()
        self._start = time.monotonic()
        self._is_terminal = bool(sys.stderr and sys.stderr.isatty())
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> _Ticker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        if self._is_terminal:
            _say("\r\x1b[K", end="")

    def hear(self, line: str) -> None:
        """Take one line of pip's talk."""
        words = line.split()
        if words[:1] in (["Collecting"], ["Processing"]):  # the latter is pip's word for a file at hand
            self._seen += 1
            what = line.partition(words[0])[2].partition(" (from ")[0].replace("\\", "/").rpartition("/")[2]
            name = re.split(r"==|-[0-9]", what.strip())[0]
            self._what = f"fetching {min(self._seen, self._count)} of {self._count}: {name}"
        elif words[:2] == ["Installing", "collected"]:
            self._what = "unpacking them"
        else:
            return
        if not self._is_terminal and (self._seen % 20 == 1 or words[0] == "Installing"):
            _say(f"  {self._what}")

    def _tick(self) -> None:
        pause = 0.5 if self._is_terminal else 30.0
        while not self._done.wait(pause):
            seconds = time.monotonic() - self._start
            if self._is_terminal:
                _say(f"\r\x1b[K  {self._what} ({seconds:.0f} s)", end="")
            else:
                _say(f"  still at it after {seconds:.0f} s: {self._what}")


# --- small print ------------------------------------------------------------------------------------------


def _hand_over(environment: Path) -> int:
    """Run the same command line in ``environment``; returns its exit code, where it returns at all."""
    python = str(python_in(environment))
    os.environ[_HANDED_OVER] = str(environment)
    os.environ.pop("PYTHONHOME", None)
    arguments = [python, *sys.orig_argv[1:]]
    for stream in (sys.stdout, sys.stderr):
        if stream:
            stream.flush()
    if os.name != "nt":
        os.execv(python, arguments)
    # Windows' exec starts a second process and ends the first, so the shell would not wait for the answer.
    with subprocess.Popen(arguments) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:  # Ctrl+C reaches the child as well, which decides what it means
                continue


def _read_note(environment: Path) -> dict[str, str]:
    try:
        note = json.loads((environment / _NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in note.items()} if isinstance(note, dict) else {}


def _write_note(environment: Path, note: dict[str, str]) -> None:
    written = environment / (_NOTE + ".new")
    written.write_text(json.dumps(note, indent=1), encoding="utf-8")
    written.replace(environment / _NOTE)


def _is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def _text(output: object) -> str:
    return output.decode("utf-8", "replace") if isinstance(output, bytes) else str(output or "")


def _say(text: str, end: str = "\n") -> None:
    if sys.stderr:  # None under pythonw, and where it was closed
        print(text, file=sys.stderr, end=end, flush=True)
