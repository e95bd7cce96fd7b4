# SPDX-License-Identifier: GPL-2.0-or-later
"""What can go wrong, and the exit status that says so."""

EXIT_FAILED = 1         # a guest failed, or what it measured is not whole
EXIT_USAGE = 2          # the command line, a case or a peer makes no sense


class BenchError(Exception):
    """One line for the user."""

    status = EXIT_FAILED


class InputError(BenchError):
    """What somebody wrote makes no sense; says where."""

    status = EXIT_USAGE

    def __init__(self, where, message):
        super().__init__(f"{where}: {message}")
