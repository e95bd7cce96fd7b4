# SPDX-License-Identifier: GPL-2.0-or-later
"""Running the host's programs, and saying which package a missing one is in."""

import os
import shutil
import subprocess

from .errors import LabError

# Debian's own places only: a wrapper in /usr/local or in the user's PATH is
# not what the root is made of.
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def find(program, package):
    path = shutil.which(program, path=SYSTEM_PATH)
    if not path:
        raise LabError(f"{program} is missing (Debian package {package}): "
                       "run `make deps`")
    return path


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no message"


def output(argv, what, **kwargs):
    """The standard output of a command that must succeed."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors="replace", check=False, **kwargs)
    if done.returncode:
        raise LabError(f"{what} failed: "
                       f"{last_line(done.stderr or done.stdout)}")
    return done.stdout


def clean_env(**more):
    """The environment without what would change a program's messages."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("LC_", "LANG", "MAKE", "MFLAGS"))}
    env.update(LC_ALL="C.UTF-8", PATH=SYSTEM_PATH)
    env.update(more)
    return env
