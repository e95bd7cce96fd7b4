# SPDX-License-Identifier: GPL-2.0-or-later
"""Entries that are either whole or not there, and locks between lab runs."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path


@contextlib.contextmanager
def lock(path):
    """Only one process at a time holds `path`; others wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def lock_if_free(path):
    """Like lock(), but yields False at once where another holds it."""
    with open(path, "w", encoding="ascii") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextlib.contextmanager
def new_folder(final):
    """A temporary folder that becomes `final` if the block succeeds."""
    final.parent.mkdir(parents=True, exist_ok=True)
    temp = Path(tempfile.mkdtemp(prefix=".new-", dir=final.parent))
    try:
        yield temp
        temp.chmod(0o755)
        os.rename(temp, final)
    finally:
        shutil.rmtree(temp, ignore_errors=True)


@contextlib.contextmanager
def new_file(final):
    """A binary file that becomes `final` if the block succeeds."""
    final.parent.mkdir(parents=True, exist_ok=True)
    handle, temp = tempfile.mkstemp(prefix=".new-", dir=final.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
        os.chmod(temp, 0o644)
        os.rename(temp, final)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temp)
