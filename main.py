"""Muster: ``python3 main.py`` opens the window; with a command, does that job without one.

On a machine that has only Python it first makes its own environment (``app/first_run.py``).
"""

import sys

from app import first_run
from app.ui import screen_check


def main() -> int:
    """Do what the command line asks and return the exit code."""
    command = sys.argv[1:]
    lacking = None if command else screen_check.problem()
    if lacking:
        print(lacking, file=sys.stderr)
        return 2
    left = first_run.enter("requirements.lock")
    if left is not None:
        return left
    if command:
        from app.cli.main import main as do_command  # late: not there before the set-up

        return do_command(command)
    from app.ui.application import main as open_window  # late: brings Qt

    return open_window()


if __name__ == "__main__":
    sys.exit(main())
