#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Count the results in KTAP output and name what failed.

usage: ktap.py FILE

Prints a line for each failure and then `N passed, M failed`; exits 1 if M is
not 0. Only the innermost results count: a test with subtests counts as one
only if it failed while they all passed. What did not run has failed: a file
without a plan, a result that the plan promised and that never came, a skip.
"""

import re
import sys

PLAN = re.compile(r"1\.\.(\d+)(?: *#.*)?$")
RESULT = re.compile(r"(ok|not ok) \d+(?: - | )?(.*)$")
VERSION = re.compile(r"K?TAP version 1[34]?$")
# The kernel's log indents subtests; the kselftest runner prefixes them.
INDENT = re.compile(r"(?:# |    |  )*")


class Block:
    """The results of one level, below one test."""

    def __init__(self, depth):
        self.depth = depth
        self.plan = None
        self.seen = 0
        self.failed = False


class Counter:
    def __init__(self):
        self.passed = 0
        self.failures = []
        self.planned = False
        self.blocks = [Block(0)]

    def fail(self, why):
        self.failures.append(why)
        for block in self.blocks:
            block.failed = True

    def block(self, depth):
        """The open block of that depth, opened now if need be."""
        while self.blocks[-1].depth > depth:
            self.close(self.blocks[-1].depth, "a subtest ended early")
        if self.blocks[-1].depth < depth:
            self.blocks.append(Block(depth))
        return self.blocks[-1]

    def close(self, depth, name):
        """Close the block of that depth; return it."""
        while self.blocks[-1].depth > depth:
            self.close(self.blocks[-1].depth, name)
        block = self.blocks[-1]
        if block.plan is not None and block.plan != block.seen:
            self.fail(f"{name}: {block.seen} of {block.plan} planned results")
        return self.blocks.pop()

    def line(self, text):
        indent = INDENT.match(text)[0]
        depth, text = len(indent), text[len(indent):].rstrip()
        if VERSION.match(text):
            if depth == 0:
                self.restart()
        elif plan := PLAN.match(text):
            block = self.block(depth)
            if block.plan is None:
                block.plan = int(plan[1])
            self.planned |= depth == 0
        elif result := RESULT.match(text):
            self.result(depth, result[1] == "ok", result[2])

    def result(self, depth, good, name):
        name, _, directive = name.partition("#")
        name = name.strip()
        children = None
        if self.blocks[-1].depth > depth:
            while self.blocks[-2].depth > depth:
                self.close(self.blocks[-1].depth, name)
            children = self.close(self.blocks[-1].depth, name)
        self.block(depth).seen += 1
        if directive.strip().upper().startswith("SKIP"):
            self.fail(f"{name}: skipped ({directive.strip()[4:].strip(' :')})")
        elif children is None or not children.seen:
            if good:
                self.passed += 1
            else:
                self.fail(f"{name}: failed")
        elif not good and not children.failed:
            self.fail(f"{name}: failed, though its subtests passed")

    def restart(self):
        """A new document begins, or the file ends."""
        self.close(0, "the test plan")
        self.blocks = [Block(0)]


def main(path):
    counter = Counter()
    with open(path, encoding="utf-8", errors="replace") as file:
        for text in file:
            counter.line(text)
    counter.restart()
    if not counter.planned:
        counter.fail("no test plan: nothing ran, or it died early")
    elif not counter.passed and not counter.failures:
        counter.fail("the test plan is empty")
    for failure in counter.failures:
        print(failure)
    print(f"{counter.passed} passed, {len(counter.failures)} failed")
    return 1 if counter.failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.split("\n\n")[1])
    try:
        sys.exit(main(sys.argv[1]))
    except OSError as error:
        sys.exit(f"ktap.py: {error}")
