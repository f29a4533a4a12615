"""Settings of one user: a typed table of name, type, default and help; a TOML file; environment on top.

Settings of the data (assessor order, marking, budgets) live in the workspace instead. Window geometry is the
window's own affair.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from app.errors import UsageError

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, what it is when nothing was chosen, and a sentence about it."""

    name: str
    default: Value
    help: str
    choices: tuple[str, ...] = ()


SETTINGS: tuple[Setting, ...] = (
    Setting("user", "", "Your name in the history; empty takes the name of your account."),
    Setting("appearance", "system", "Light, dark, or as the system.", ("system", "light", "dark")),
    Setting("comfortable_rows", False, "Taller rows in tables."),
    Setting("hide_names", False, "Hide people's names, for shared screens."),
    Setting("share_mode", False, "Hide names and counts of 1 to 4 people, for screens that others see."),
    Setting("last_workspace", "", "The workspace opened last."),
    Setting("recent_workspaces", "", "Workspaces opened lately, newest first, joined by line breaks."),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


def config_folder() -> Path:
    """The user's own folder for settings and logs; never outside it."""
    chosen = os.environ.get("MUSTER_CONFIG")
    if chosen:
        return Path(chosen)
    from platformdirs import user_config_path  # late: only where a folder is needed

    return user_config_path("Muster", appauthor=False, roaming=False)


class Settings:
    """The settings in force. Unknown or ill-typed entries of the file are reported, never fatal."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = (folder or config_folder()) / "settings.toml"
        self._values: dict[str, Value] = {}
        self.warnings: list[str] = []
        self._read()

    def _read(self) -> None:
        if not self._file.exists():
            return
        import tomllib  # late: a fifth of what the first window imports, and only needed where there is a file

        try:
            found = tomllib.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            self.warnings.append(f"Your settings could not be read ({error}); the usual ones are in force.")
            return
        for name, value in found.items():
            setting = _BY_NAME.get(name)
            if setting is None:
                self.warnings.append(f"There is no setting {name!r}; it is ignored.")
            elif not isinstance(value, type(setting.default)) or (
                setting.choices and value not in setting.choices
            ):
                self.warnings.append(f"The setting {name} cannot be {value!r}; the usual value is in force.")
            else:
                self._values[name] = value

    def get(self, name: str) -> Value:
        """The value in force: environment (``MUSTER_NAME``), then the file, then the default."""
        setting = _BY_NAME[name]
        from_environment = os.environ.get(f"MUSTER_{name.upper()}")
        if from_environment is not None and isinstance(setting.default, str):
            return from_environment
        return self._values.get(name, setting.default)

    def text(self, name: str) -> str:
        """A setting that is text."""
        return str(self.get(name))

    def flag(self, name: str) -> bool:
        """A setting that is on or off. Names are hidden wherever the screen is shared."""
        return bool(self.get(name)) or (name == "hide_names" and bool(self.get("share_mode")))

    def put(self, name: str, value: Value) -> None:
        """Keep a value; a full or read-only disk is reported in ``warnings`` and changes nothing else."""
        if name not in _BY_NAME:
            raise KeyError(name)
        self._values[name] = value
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._file.with_suffix(".part")
            temporary.write_text(_as_toml(self._values), encoding="utf-8")
            temporary.replace(self._file)
        except OSError as error:
            self.warnings.append(f"Your settings could not be saved ({error}).")

    def user(self) -> str:
        """The name that stands in the history."""
        return self.text("user") or account_name()


def _as_toml(values: dict[str, Value]) -> str:
    lines: list[str] = []
    for name, value in sorted(values.items()):
        if isinstance(value, bool):
            lines.append(f"{name} = {str(value).lower()}")
        elif isinstance(value, int):
            lines.append(f"{name} = {value}")
        else:
            escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            lines.append(f'{name} = "{escaped}"')
    return "\n".join(lines) + "\n"


def account_name() -> str:
    """The name of the account, or "unknown" where the system has none."""
    import getpass  # late: it loads the terminal's libraries, and the window needs no name to be painted

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def now() -> datetime:
    """The time in UTC; ``MUSTER_NOW`` (an ISO date or time) fixes it, so that runs repeat to the byte."""
    fixed = os.environ.get("MUSTER_NOW")
    if not fixed:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(fixed)
    except ValueError as error:
        raise UsageError(
            f"MUSTER_NOW is {fixed!r}, which is not a date.", "Use a date such as 2026-11-23."
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def local_date(moment: datetime) -> date:
    """The day in local time; a fixed clock is taken as it stands."""
    return moment.date() if os.environ.get("MUSTER_NOW") else moment.astimezone().date()
