# SPDX-License-Identifier: GPL-2.0-or-later
"""How a program ends, whatever goes wrong: one line and an exit status."""

import errno
import os
import signal
import sys

from .errors import EXIT_INTERRUPTED


def run(name, action, errors, failed):
    """The exit status of action(). `errors` have a status of their own,
    `failed` is that of what the system refuses."""
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    try:
        return action()
    except errors as error:
        message, status = str(error), error.status
    except KeyboardInterrupt:
        message, status = "interrupted", EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output is gone.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        message, status = "nobody reads the output any more", 141
    except OSError as error:
        if error.errno == errno.ENOSPC:
            message = f"the disk is full ({error.filename or 'writing'})"
        else:
            message = str(error)
        status = failed
    print(f"{name}: error: {message}", file=sys.stderr)
    return status


def interrupt(_signal, _frame):
    raise KeyboardInterrupt
