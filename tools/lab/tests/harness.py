# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lab's own tests share: a KTAP reporter and a way to call the lab."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
LAB = HERE.parent
REPO = LAB.parents[1]

sys.path.insert(0, str(LAB))


class Failure(Exception):
    """A test's expectation that does not hold."""


def expect(condition, message, evidence=""):
    if not condition:
        raise Failure(f"{message}\n{evidence}".strip())


def lab(*words, program=LAB / "lab", before=(), **more):
    """Run the lab; stdout, stderr and returncode of what it said."""
    return subprocess.run([*before, str(program), *map(str, words)],
                          text=True, stdin=subprocess.DEVNULL,
                          capture_output=True, errors="replace", check=False,
                          **more)


def private(script):
    """Words before a command: it runs after `script`, with mounts of its own
    and without a network."""
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *user, "--mount", "--net", "sh", "-ec",
            f'{script}\nexec "$@"', "sh"]


def said(done):
    return f"status {done.returncode}\n{done.stdout}{done.stderr}"


def temporary_folder():
    return tempfile.TemporaryDirectory(prefix="xgs-lab-test-")


def heed_interrupts():
    """For a child to come: a shell's background jobs, and all they start,
    ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def processes_with(mark):
    """The processes that have `mark` in their arguments."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (process / "cmdline").read_bytes():
                found.append(process.name)
    return found


def copy_of_the_tree(top):
    """Enough of the repository, below `top`, for the lab to work on."""
    skip = shutil.ignore_patterns(".*", "build", "__pycache__")
    for item in sorted(REPO.iterdir()):
        if item.is_dir() and item.name in ("include", "kunit", "rdma_xgs",
                                           "tcp_xgs", "xgs_core"):
            shutil.copytree(item, top / item.name, ignore=skip)
        elif item.name.startswith("Kbuild"):
            shutil.copy(item, top)
    shutil.copytree(LAB, top / "tools/lab", ignore=skip)
    return top / "tools/lab/lab"


def main(*tests):
    print("KTAP version 1")
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok {number} {name}", flush=True)
        except Exception as error:
            failed += 1
            text = str(error) if isinstance(error, Failure) \
                else traceback.format_exc()
            for line in text.splitlines():
                print(f"# {line}")
            print(f"not ok {number} {name}", flush=True)
    return 1 if failed else 0
