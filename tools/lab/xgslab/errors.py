# SPDX-License-Identifier: GPL-2.0-or-later
"""What can go wrong, and the exit status that says so.

Anything below 124 is the status of the guest's command."""

EXIT_TIMEOUT = 124
EXIT_LAB = 125          # the lab could not run the command at all
EXIT_GUEST = 99         # the guest's kernel died, or reported a bug
EXIT_INTERRUPTED = 130


class LabError(Exception):
    """One line for the user; `status` becomes lab's exit status."""

    def __init__(self, message, status=EXIT_LAB):
        super().__init__(message)
        self.status = status
