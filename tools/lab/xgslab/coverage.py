# SPDX-License-Identifier: GPL-2.0-or-later
"""Which lines of the modules a run has executed, as gcov counts them."""

import json
import os
import shutil
from pathlib import Path

from . import modules, tools
from .errors import LabError


def report(kernel, out):
    """Print a line for each file of the modules; `out` has the counters.

    The kernel keeps them under the absolute names of the objects, which is
    where gcov looks for the notes that the compiler left."""
    source = modules.folder(kernel) / "src"
    gcov = tools.find("gcov", "gcc")
    counted = {}
    for counters in sorted(Path(out).rglob("*.gcda")):
        place = Path("/") / counters.relative_to(out)
        if not place.with_suffix(".gcno").exists():
            raise LabError(f"no notes beside {place}")
        shutil.copy(counters, place)
        text = tools.output([gcov, "--json-format", "--stdout", str(place)],
                            "gcov", cwd=kernel.kdir)
        for file in json.loads(text)["files"]:
            name = os.path.normpath(source / file["file"])
            name = os.path.relpath(name, source)
            if name.startswith(("../", "kunit/")):
                continue
            lines = counted.setdefault(name, {})
            for line in file["lines"]:
                number = line["line_number"]
                lines[number] = lines.get(number, 0) + line["count"]
    if not counted:
        raise LabError("the guest left no coverage")
    for name, lines in sorted(counted.items()):
        missed = [number for number, count in sorted(lines.items())
                  if not count]
        percent = 100 * (len(lines) - len(missed)) / len(lines)
        print(f"# {percent:5.1f} % of {len(lines):4} lines  {name}"
              f"{'  not: ' if missed else ''}{ranges(missed)}")


def ranges(numbers):
    """3,7-9: the sorted numbers 3, 7, 8, 9."""
    parts = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(low) if low == high else f"{low}-{high}"
                    for low, high in parts)
