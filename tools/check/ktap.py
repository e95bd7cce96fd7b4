#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Count the results in KTAP output and name what failed.

usage: ktap.py FILE

Prints each failure, with what the test said before it, and then `N passed, M
failed`; exits 1 if M is not 0. Only the innermost results count: a test with subtests counts as one
only if it failed while they all passed. What did not run has failed: a file
without a plan, a result that the plan promised and that never came, a skip.
"""

import re
import sys

PLAN = re.compile(r"1\.\.(\d+)(?: *#.*)?$")
RESULT = re.compile(r"(ok|not ok) \d+(?: - | )?(.*)$")
VERSION = re.compile(r"K?TAP version 1[34]?$")
SUBTEST = re.compile(r"# Subtest: (.*)$")
# The kernel's log indents subtests; the kselftest runner prefixes them.
INDENT = re.compile(r"(?:# |    |  )*")
SAID_LINES = 20


class Block:
    """The results of one level, below one test."""

    def __init__(self, depth):
        self.depth = depth
        self.name = ""
        self.plan = None
        self.seen = 0
        self.failed = False


class Counter:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.failures = []
        self.planned = False
        self.said = []              # since the last result
        self.blocks = [Block(0)]

    def fail(self, name, why):
        names = [block.name for block in self.blocks if block.name]
        self.failures.append(": ".join([*names, name, why]))
        self.failures += [f"    | {line}" for line in self.said[-SAID_LINES:]]
        self.failed += 1
        self.said = []
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
            self.fail(name, f"{block.seen} of {block.plan} planned results")
        return self.blocks.pop()

    def line(self, text):
        whole = text.rstrip()
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
            self.said = []
        elif subtest := SUBTEST.search(whole):
            self.block(len(INDENT.match(whole[:subtest.start()])[0])).name = \
                subtest[1]
        elif text:
            self.said.append(whole)

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
            self.fail(name, f"skipped ({directive.strip()[4:].strip(' :')})")
        elif children is None or not children.seen:
            if good:
                self.passed += 1
            else:
                self.fail(name, "failed")
        elif not good and not children.failed:
            self.fail(name, "failed, though its subtests passed")

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
        counter.fail("no test plan", "nothing ran, or it died early")
    elif not counter.passed and not counter.failed:
        counter.fail("the test plan", "is empty")
    for line in counter.failures:
        print(line)
    print(f"{counter.passed} passed, {counter.failed} failed")
    return 1 if counter.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.split("\n\n")[1])
    try:
        sys.exit(main(sys.argv[1]))
    except OSError as error:
        sys.exit(f"ktap.py: {error}")
