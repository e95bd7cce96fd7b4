#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the checks take from the lab's cache of kernels.

usage: kernel.py scripts
       kernel.py build KERNEL MAKE-ARGUMENT...

scripts prints the folder of the kernel's scripts (checkpatch.pl, kernel-doc).
build runs make, in a copy of the current folder, with the headers of KERNEL,
and shows what make says.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))

from xgslab import kernels, modules, tools, uml  # noqa: E402
from xgslab.errors import LabError  # noqa: E402


def scripts():
    return (uml.newest_cached() or uml.fetch()) / "scripts"


def build(series, arguments):
    make = tools.find("make", "make")
    kernel = kernels.kernel(series)
    with tempfile.TemporaryDirectory(prefix="xgs-check-") as copy:
        modules.copy_tree(Path.cwd(), Path(copy))
        done = subprocess.run(
            [make, "-C", str(kernel.kdir), f"M={copy}",
             f"-j{os.cpu_count() or 1}", *kernel.make_args, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
            env=tools.clean_env(), check=False)
    sys.stdout.write(done.stdout.replace(f"{copy}/", ""))
    return done.returncode


def main(arguments):
    match arguments:
        case ["scripts"]:
            print(scripts())
            return 0
        case ["build", series, *more]:
            return build(series, more)
    print(__doc__.split("\n\n")[1], file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except LabError as error:
        print(f"error: {error}")
        sys.exit(1)
