"""The entrance without a window: ``main()`` runs one command and returns its exit code (FORMATS)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

import typer

from app import __version__
from app.cli import (
    admin,
    analysis,
    contract_cover,
    demo,
    establishment,
    exports,
    forecast,
    frameworks,
    gaps,
    imports,
    mobility,
    person,
    plan_insight,
    plan_life,
    plans,
    posts,
    profession,
    quality,
    read_back,
    roles,
    shortfalls,
    sign_off,
    skills,
    strategy,
    workforce_exports,
)
from app.cli.output import counted, say, say_problems
from app.cli.session import take_shared_options
from app.errors import AppError, ExitCode, InputProblems
from app.logs import start_logging
from app.progress import Cancelled
from app.settings import config_folder

log = logging.getLogger(__name__)

app = typer.Typer(
    name="muster",
    help="Digital skills and workforce planning in government.\n\n"
    "--workspace PATH_OR_URL (or MUSTER_WORKSPACE) names the data; --format table, json or csv. "
    "Both are taken before or after the command. Without a command the window opens.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for part in (
    demo,
    admin,
    frameworks,
    imports,
    mobility,
    person,
    roles,
    posts,
    profession,
    quality,
    gaps,
    analysis,
    skills,
    strategy,
    workforce_exports,
    forecast,
    shortfalls,
    plans,
    plan_insight,
    plan_life,
    sign_off,
    read_back,
    establishment,
    exports,
    contract_cover,
):
    part.register(app)

PLAN_VERBS = frozenset(command.name for command in plans.group.registered_commands)


@app.command("version")
def version() -> None:
    """Print the version of the program."""
    print(__version__)


def _with_implied_verbs(arguments: list[str]) -> list[str]:
    """``plan --budget …`` means ``plan make --budget …`` (FORMATS), ``mobility LEVEL`` its nearest people."""
    if arguments[:1] == ["plan"] and not (
        len(arguments) > 1 and (arguments[1] in PLAN_VERBS or arguments[1] in ("-h", "--help"))
    ):
        return ["plan", "make", *arguments[1:]]
    if (
        arguments[:1] == ["mobility"]
        and arguments[1:2]
        and arguments[1] not in ("nearest", "map", "-h", "--help")
    ):
        return ["mobility", "nearest", *arguments[1:]]
    return arguments


@cache
def _commands() -> Any:
    """All commands, read from their functions once in a process, which takes a tenth of a second."""
    return typer.main.get_command(app)


def run(arguments: Sequence[str]) -> int:
    """Run one command; errors of ours become a sentence on standard error and an exit code."""
    try:
        _commands()(_with_implied_verbs(take_shared_options(arguments)), prog_name="muster")
    except InputProblems as error:
        say_problems(error.problems)
        # A problem of the whole file is its own sentence already: said once, then counted like any other.
        count = sum(problem.severity == "error" for problem in error.problems)
        ending = f"{counted(count, 'problem')} found; nothing was changed." if count else error.sentence
        say(f"{ending} {error.advice}")
        return int(error.exit_code)
    except AppError as error:
        say(str(error))
        return int(error.exit_code)
    except (Cancelled, KeyboardInterrupt):
        say("Stopped; nothing was changed.")
        return int(ExitCode.STORE_REFUSED)
    except BrokenPipeError:
        sys.stderr.close()
        return int(ExitCode.DONE)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(ExitCode.DONE)
    return int(ExitCode.DONE)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of ``muster`` and of ``python3 main.py COMMAND``."""
    start_logging(config_folder() / "logs")
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return run(arguments)
    except Exception:
        log.exception("command failed")
        raise
