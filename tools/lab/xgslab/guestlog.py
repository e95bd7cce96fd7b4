# SPDX-License-Identifier: GPL-2.0-or-later
"""What in a kernel's log means that the kernel found a bug in itself."""

import re

from .machine import MARK_START

BUG = re.compile(r"""
      \bBUG: | kernel[ ]BUG[ ]at
    | \bOops\b | Unable[ ]to[ ]handle | Kernel[ ]panic
    | general[ ]protection[ ]fault,         # with "in" it is a program's
    | \bWARNING:                            # WARN() and lockdep
    | suspicious[ ]RCU[ ]usage | possible[ ](recursive|circular)[ ]locking
    | \b(KASAN|KCSAN|KMSAN|UBSAN|KFENCE):
    | kmemleak:[ ]([1-9]\d*[ ]new|unreferenced[ ]object)
    | rcu:[ ]INFO:.*(stall|expedited) | self-detected[ ]stall
    | INFO:[ ]task[ ].*blocked[ ]for[ ]more | lockup[ ]-[ ]
    | INFO:[ ]trying[ ]to[ ]register[ ]non-static[ ]key
    | refcount_t: | list_(add|del)[ ]corruption
    | scheduling[ ]while[ ]atomic | sleeping[ ]function[ ]called[ ]from
    | invoked[ ]oom-killer | Out[ ]of[ ]memory:
    """, re.VERBOSE)

# Reports of the kernel's own start, before any module of ours: these are known
# and forgiven, but only before /init's mark.
KNOWN_AT_BOOT = re.compile(
    r"lib/maple_tree\.c:\d+ suspicious rcu_dereference"
    r"|WARNING: suspicious RCU usage")

EXCERPT = 40


def find_bug(text):
    """(headline, excerpt) of the first report in a log, or None."""
    lines = text.splitlines()
    start = next((number for number, line in enumerate(lines)
                  if MARK_START in line), len(lines))
    for number, line in enumerate(lines):
        if not BUG.search(line):
            continue
        if number < start and KNOWN_AT_BOOT.search(line):
            continue
        first = number
        if number and ("cut here" in lines[number - 1]
                       or "=====" in lines[number - 1]):
            first -= 1
        return strip_time(line), lines[first:last_line(lines, first)]
    return None


def last_line(lines, first):
    end = min(len(lines), first + EXCERPT)
    for number in range(first, end):
        if "---[ end trace" in lines[number] \
                or "---[ end Kernel panic" in lines[number]:
            return number + 1
    return end


def strip_time(line):
    return re.sub(r"^(<\d+>)?\[[^\]]*\]\s*", "", line).strip()
