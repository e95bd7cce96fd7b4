# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the KUnit suites in User Mode Linux and require all their results.

A suite that is not loaded, not registered, or runs while KUnit is disabled
says nothing at all: so what must be reported comes from the source."""

import fnmatch
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import cache, coverage, machine, modules, paths, session, uml
from .errors import EXIT_GUEST, LabError

FOLDER = "kunit"


@dataclass
class Suite:
    name: str
    cases: int                      # KUNIT_CASE() entries in the source
    module: str = ""
    plan: int = 0                   # as the kernel reported it
    results: int = 0

    def problem(self):
        """Why what the kernel reported is not all there is, or None."""
        if self.plan == 0:
            return "did not run"
        if self.plan != self.cases:
            return f"planned {self.plan} tests, the source has {self.cases}"
        if self.results != self.plan:
            return f"reported {self.results} of {self.plan} tests"
        return None


def run(san=False, cov=False, pattern="*"):
    """0 if every suite of every module that has a suite named so ran in full
    and passed."""
    suites = declared(paths.REPO / FOLDER)
    if not fnmatch.filter((suite.name for suite in suites), pattern):
        raise LabError(f"no suite in {FOLDER}/ matches {pattern}")
    options = machine.Options(kernel="uml-san" if san else
                              "uml-cov" if cov else "uml")
    kernel = uml.kernel(options)
    with cache.lock(modules.lock_file(kernel)):
        modules.build(kernel)
        find_modules(suites, modules.folder(kernel) / "src" / FOLDER)
    wanted = {suite.module for suite in suites
              if fnmatch.fnmatchcase(suite.name, pattern)}
    suites = [suite for suite in suites if suite.module in wanted]
    options.add = [(paths.LAB / "kunit-guest", "kunit-guest")]
    options.command = ["/xgs/kunit-guest", *sorted(wanted)]
    report = Report(suites)
    with tempfile.TemporaryDirectory(prefix="xgs-coverage-") as counters:
        if cov:
            options.out = Path(counters)
        status = session.run(options, lambda *machine_parts:
                             Watch(report, *machine_parts))
        if cov and status in (0, 1):
            coverage.report(kernel, counters)
    return report.close(status)


# -- what the source declares --------------------------------------------

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|("(?:\\.|[^"\\])*")', re.S)
CASES = re.compile(r"struct\s+kunit_case\s+(\w+)\s*\[\s*\][^=;]*=\s*\{(.*?)\}\s*;",
                   re.S)
CASE = re.compile(r"\bKUNIT_CASE\w*\s*\(")
SUITE = re.compile(r"struct\s+kunit_suite\s+\w+[^=;]*=\s*\{(.*?)\}\s*;", re.S)
NAME = re.compile(r'\.name\s*=\s*"([^"]+)"')
TEST_CASES = re.compile(r"\.test_cases\s*=\s*(\w+)")


def declared(folder):
    """The suites in a folder's sources."""
    suites = []
    for file in sorted(folder.glob("*.c")):
        if file.name.endswith(".mod.c"):
            continue
        text = COMMENT.sub(lambda m: m[1] or " ",
                           file.read_text(encoding="utf-8"))
        cases = {name: len(CASE.findall(body))
                 for name, body in CASES.findall(text)}
        unused = set(cases)
        for body in SUITE.findall(text):
            name, array = NAME.search(body), TEST_CASES.search(body)
            if not name or not array or array[1] not in cases:
                raise LabError(f"{file.name}: cannot read the suite"
                               f"{' ' + name[1] if name else ''}")
            suites.append(Suite(name[1], cases[array[1]]))
            unused.discard(array[1])
        if unused:
            raise LabError(f"{file.name}: no suite runs {min(unused)}")
    if not suites:
        raise LabError(f"there is no suite in {folder}")
    return suites


def find_modules(suites, folder):
    """Which module has which suite: its name is in the module's data."""
    data = {ko.stem: ko.read_bytes() for ko in sorted(folder.glob("*.ko"))}
    for suite in suites:
        name = b"\0" + suite.name.encode() + b"\0"
        having = [module for module in data if name in data[module]]
        if not having:
            raise LabError(f"suite {suite.name}: no module in {FOLDER}/ has "
                           "it, is it in the Kbuild file?")
        suite.module = having[0]


# -- what the kernel reports ---------------------------------------------

TIME = re.compile(r"\[ *\d+\.\d+\] ?")
# KUnit indents the tests of a suite by four, the runs of a parametrised test
# by eight; whatever else starts with four spaces explains a failure.
KTAP = re.compile(r" {4}|(not )?ok \d+ ")
HEADER = re.compile(r" {4}# Subtest: (\S+)")
PLAN = re.compile(r" {4}1\.\.(\d+)$")
RESULT = re.compile(r"(| {4}| {8})(ok|not ok) \d+ (?:- )?(\S+)(.*# SKIP)?")


class Watch(session.Watch):
    """Show the suites' part of the kernel's log while it grows."""

    def __init__(self, report, options, floor, kernel, initrd, rundir):
        super().__init__(options, floor, kernel, initrd, rundir)
        self.report = report
        # What failed where, in the tree that the reader edits.
        self.copy = f"{modules.folder(kernel)}/src/"
        self.log = open(rundir / machine.KERNEL_LOG, encoding="utf-8",
                        errors="replace")
        self.rest = ""

    def stream(self):
        text = self.rest + self.log.read()
        *lines, self.rest = text.split("\n")
        for line in lines:
            line = TIME.sub("", line, count=1).replace(self.copy, "").rstrip()
            if machine.MARK_START in line:
                self.report.open()
            elif self.report.opened and KTAP.match(line):
                self.report.line(line)
        super().stream()

    def verdict(self, timed_out):
        self.report.loaded = self.status_words()[:2] == ["exit", "0"]
        return super().verdict(timed_out)


class Report:
    """KTAP for the reader, and a count that trusts nothing.

    Only innermost results count, a skipped one as failed: a test that cannot
    run here proves nothing."""

    EXTRA = ("modules load and unload", "the kernel's log is clean")

    def __init__(self, suites):
        self.suites = {suite.name: suite for suite in suites}
        self.opened = False
        self.loaded = False         # and unloaded: the guest's command is good
        self.suite = None           # whose lines are being read
        self.inner = []             # runs of the current parametrised test
        self.outer = []             # tests of the current suite
        self.number = 0             # top-level results so far
        self.passed = 0
        self.failed = 0

    def open(self):
        self.opened = True
        print("KTAP version 1")
        print(f"1..{len(self.suites) + len(self.EXTRA)}", flush=True)

    def line(self, line):
        if match := HEADER.match(line):
            self.suite = self.suites.get(match[1], self.suite)
        elif match := PLAN.match(line):
            if self.suite and not self.suite.plan:
                self.suite.plan = int(match[1])
        elif match := RESULT.match(line):
            depth = len(match[1])
            if depth == 0:
                self.end_suite(match[3], match[2] == "ok")
                return
            self.result(depth, match[2] == "ok" and not match[4])
        print(line, flush=True)

    def result(self, depth, good):
        if depth == 8:
            self.inner.append(good)
            self.count(good)
            return
        if self.suite:
            self.suite.results += 1
        self.outer.append(good)
        # A failure that none of the runs explains is one more.
        if not self.inner or (all(self.inner) and not good):
            self.count(good)
        self.inner = []

    def count(self, good):
        self.passed += good
        self.failed += not good

    def end_suite(self, name, good):
        """The kernel's numbers count all that it ever ran: use our own."""
        suite = self.suites.pop(name, None)
        problem = suite.problem() if suite else "is not in the source"
        if problem or (all(self.outer) and not good):
            self.count(False)
        self.suite = None
        self.outer = []
        self.top(name, good and not problem, problem)

    def top(self, name, good, why=None):
        self.number += 1
        if why:
            print(f"# {name}: {why}")
        print(f"{'ok' if good else 'not ok'} {self.number} {name}", flush=True)

    def close(self, status):
        """The summary; `status` is that of the run."""
        if not self.opened:
            self.open()
        for suite in list(self.suites.values()):
            self.end_suite(suite.name, False)
        for name, good in zip(self.EXTRA,
                              (self.loaded, status != EXIT_GUEST)):
            self.top(name, good)
            self.count(good)
        print(f"{self.passed} passed, {self.failed} failed")
        if status in (0, 1):
            return 1 if self.failed else 0
        return status
