"""Muster: ``python3 main.py`` opens the window; with a command, does that job without one."""

import sys

from app import first_run
from app.ui import screen_check


def main() -> int:
    """Do what the command line asks and return the exit code; set Muster up first where that is due."""
    command = sys.argv[1:]
    lacking = None if command else screen_check.problem()
    if lacking:
        print(lacking, file=sys.stderr)
        return 2
    left = first_run.enter("requirements.lock")
    if left is not None:
        return left
    # Imported here because neither can be imported before the set-up; the second one brings Qt.
    if command:
        from app.cli.main import main as do_command

        return do_command(command)
    from app.ui.application import main as open_window

    return open_window()


if __name__ == "__main__":
    sys.exit(main())
