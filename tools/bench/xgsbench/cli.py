# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line."""

import argparse
import concurrent.futures
import importlib
import resource
import shutil
import sys
import time
from pathlib import Path

from . import case, paths, peers
from .errors import EXIT_FAILED, BenchError, InputError

from xgslab import program

SEEDS = 3
# More of them than any machine has memory for is a slip of the pen.
JOBS_MAX = 256
LINE = 78


def main(argv):
    def action():
        if argv[:1] and argv[0] in ("report", "cost", "rdmacost"):
            return importlib.import_module(f"xgsbench.{argv[0]}").main(
                argv[1:])
        asked = parse(argv)
        return asked.verb(asked, argv)
    return program.run("bench", action, BenchError, EXIT_FAILED)


def parse(argv):
    parser = argparse.ArgumentParser(
        prog="bench", description="Congestion controls side by side, on "
        "simulated time.", epilog="Also: bench report, bench cost, bench "
        "rdmacost. See Documentation/bench.rst.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    verb = verbs.add_parser("run", help="measure, to build/bench/"
                            "results.jsonl")
    selection(verb)
    verb.add_argument("--out", type=Path, default=paths.BUILD, metavar="DIR",
                      help="where results.jsonl goes (default: build/bench)")
    verb.add_argument("--jobs", type=number(1, JOBS_MAX),
                      help="guests at a time (default: all processors)")
    verb.add_argument("--no-cache", action="store_true",
                      help="run also what has been run before")
    verb.add_argument("--keep", action="store_true",
                      help="keep what each guest was given and left")
    verb.add_argument("--dry-run", action="store_true",
                      help="say what would be run, and what it costs")
    verb.add_argument("--list", action="store_true",
                      help="say which cases there are")
    # Another program in its place: for tests.
    verb.add_argument("--flowgen", type=Path, help=argparse.SUPPRESS)
    verb.set_defaults(verb=run)

    verb = verbs.add_parser("list", help="the cases and the controls")
    verb.add_argument("--peers", type=Path, default=paths.PEERS)
    verb.set_defaults(verb=show_list)
    return parser.parse_args(argv)


def selection(verb):
    verb.add_argument("--case", action="append", default=[], metavar="NAME",
                      help="names of cases, or files (default: all)")
    verb.add_argument("--variant", action="append", default=[],
                      metavar="TEXT", help="only variants with TEXT in their "
                      "name")
    verb.add_argument("--cc", action="append", default=[], metavar="NAME",
                      help="names of controls (default: what a case says)")
    verb.add_argument("--seeds", type=number(1, 1000), default=SEEDS,
                      metavar="N", help="1 to N (default 3)")
    verb.add_argument("--smoke", action="store_true",
                      help="of each case the one variant it names for this, "
                      "one seed")
    verb.add_argument("--peers", type=Path, default=paths.PEERS,
                      metavar="FILE", help="another list of controls")


def number(low, high):
    def parse_number(text):
        if not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{low} to {high}")
        return int(text)
    return parse_number


def words(values):
    return [word for value in values for word in value.split()]


# -- list ------------------------------------------------------------------

def show_list(asked, _argv):
    known = peers.load(asked.peers)
    for name in case.names():
        one = case.load(name, known)
        count = len(one.scenarios)
        print(f"{name:<14}{one.title} ({count} "
              f"variant{'s' * (count != 1)})")
    print()
    for peer in known.values():
        notes = [note for note in (
            "where links mark" if peer.where == "marks" else "",
            "" if peer.default else "if asked for") if note]
        print(f"{peer.name:<14}{peer.label}"
              + (f" ({', '.join(notes)})" if notes else ""))
    return 0


# -- run -------------------------------------------------------------------

def scenarios(asked, known):
    """[(scenario, its peers)] of the command line."""
    wanted = peers.select(known, words(asked.cc), "--cc")
    found = []
    for name in words(asked.case) or case.names():
        one = case.load(name, known)
        if asked.smoke and not one.smoke:
            continue
        for scenario in one.scenarios:
            if asked.smoke and scenario.parameters != one.smoke:
                continue
            if asked.variant and not any(text in scenario.variant
                                         for text in words(asked.variant)):
                continue
            found.append((scenario, case.selected(scenario, known, wanted)))
    if not found:
        raise InputError("--variant" if asked.variant else "bench",
                         "nothing is left to run")
    return found


def run(asked, argv):
    if asked.list:
        return show_list(asked, argv)
    known = peers.load(asked.peers)
    chosen = scenarios(asked, known)
    seeds = range(1, (1 if asked.smoke else asked.seeds) + 1)
    if asked.dry_run:
        return show_plan(chosen, seeds)
    # What this takes is nothing to ask of --help and --dry-run.
    from . import guest
    used = {peer for scenario, those in chosen for mine in those
            for peer in guest.plan.run_peers(scenario, mine, known)}
    shared = guest.Shared(sorted(used, key=lambda peer: peer.name),
                          asked.flowgen)
    jobs = [guest.Job(shared, scenario, peer, known, seed)
            for scenario, those in chosen for peer in those
            for seed in seeds]
    width = asked.jobs or guest.processors()
    return Matrix(jobs, guest, asked, width).run(shared, known, argv)


def show_plan(chosen, seeds):
    from . import plan
    total = 0
    count = 0
    for scenario, those in chosen:
        cost = plan.cost(scenario)
        total += cost * len(those) * len(seeds)
        count += len(those) * len(seeds)
        print(f"{scenario.case:<14}{scenario.variant:<36}"
              f"{' '.join(peer.name for peer in those):<22}"
              f"{scenario.duration_us / 1e6:6.1f} s {cost:6.0f} s")
    print(f"{count} runs, about {clock(total)} of one processor's time at "
          "most")
    return 0


def clock(seconds):
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 \
        else f"{minutes // 60} h {minutes % 60:02} min"


class Matrix:
    """All jobs of a command, some at a time."""

    def __init__(self, jobs, guest, asked, width):
        self.jobs = jobs
        self.guest = guest
        self.asked = asked
        self.width = width
        self.records = []
        self.failures = 0
        self.progress = Progress(len(jobs), sys.stderr)

    def run(self, shared, known, argv):
        from . import results
        # Longest first: the last guest alone should not be a long one.
        todo = []
        for job in self.jobs:
            raw = None if self.asked.no_cache else job.cached()
            if raw is None:
                todo.append(job)
            else:
                self.finish(job, raw, results)
        todo.sort(key=lambda job: -job.cost)
        self.progress.start(sum(job.cost for job in todo), len(todo))
        self.run_guests(todo, results)
        self.progress.end()
        if self.failures:
            raise BenchError(f"{self.failures} of {len(self.jobs)} runs "
                             "failed; results.jsonl is left as it was, what "
                             "succeeded is in the cache")
        folder = self.asked.out
        results.write_header(shared, self.jobs, list(known.values()), argv,
                             folder)
        results.write(self.records, folder)
        summary(self.records)
        print(f"\nbench: {len(self.records)} records in "
              f"{paths.show(folder / results.RESULTS)}")
        return 0

    def finish(self, job, raw, results):
        try:
            self.records.append(results.record(job, raw))
        except results.metrics.BadRun as error:
            shutil.rmtree(job.folder, ignore_errors=True)
            self.fail(job, error)

    def fail(self, job, error):
        self.failures += 1
        self.progress.say(f"FAILED {job.name}: {error}")

    def run_guests(self, todo, results):
        guests = self.guest.Guests(self.asked.keep)
        pool = concurrent.futures.ThreadPoolExecutor(self.width)
        try:
            futures = {pool.submit(guests.run, job): job for job in todo}
            for future in concurrent.futures.as_completed(futures):
                job = futures[future]
                try:
                    self.finish(job, future.result(), results)
                except self.guest.Failed as error:
                    self.fail(job, error)
                self.progress.step(job)
        except BaseException:
            guests.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        pool.shutdown()


class Progress:
    """A line that is redrawn on a terminal; one a minute elsewhere."""

    def __init__(self, total, out):
        self.total = total
        self.out = out
        self.terminal = out.isatty()
        self.begin = time.monotonic()
        self.last = 0.0
        self.cost = self.spent = 0.0
        self.count = self.done = 0

    def start(self, cost, count):
        self.cost, self.count = cost, count
        cached = self.total - count
        self.say(f"{self.total} runs"
                 + (f", {cached} of them from the cache" if cached else ""))

    def step(self, job):
        self.done += 1
        self.spent += job.cost
        now = time.monotonic()
        if not self.terminal and self.done < self.count \
                and now - self.last < 60:
            return
        self.last = now
        gone = now - self.begin
        left = gone * (self.cost - self.spent) / self.spent
        text = f"{self.done}/{self.count} {clock(left)} left, after {job.name}"
        if self.terminal:
            self.out.write(f"\r\033[K{text[:LINE]}")
            self.out.flush()
        else:
            self.say(text)

    def say(self, text):
        clear = "\r\033[K" if self.terminal else ""
        print(f"{clear}bench: {text}", file=self.out, flush=True)

    def end(self):
        if self.terminal:
            self.out.write("\r\033[K")
        if self.count:
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            self.say(f"done in {clock(time.monotonic() - self.begin)}, "
                     f"{clock(used.ru_utime + used.ru_stime)} of processor "
                     "time")


# What a line of the summary shows, where a case measures it.
COLUMNS = (
    ("Mbit/s", "goodput_bps", lambda value: f"{value / 1e6:.0f}"),
    ("used", "utilisation", lambda value: f"{value * 100:.1f}%"),
    ("Jain", "jain", lambda value: f"{value:.3f}"),
    ("queue p50", "queue_p50_us", lambda value: micro(value)),
    ("p99", "queue_p99_us", lambda value: micro(value)),
    ("resent", "retrans_fraction", lambda value: f"{value * 100:.2f}%"),
    ("marked", "marked_fraction", lambda value: f"{value * 100:.1f}%"),
    ("time", "fct_mean_us", lambda value: micro(value)),
    ("t90", "t90_us", lambda value: micro(value)),
)


def micro(value):
    if value >= 10**6:
        return f"{value / 1e6:.2f} s"
    return f"{value / 1e3:.2f} ms" if value >= 1000 else f"{value:.0f} us"


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 \
        else (ordered[middle - 1] + ordered[middle]) / 2


def summary(records):
    """A table for each case, medians over the seeds."""
    groups = {}
    for entry in records:
        key = entry["case"], entry["variant"], entry["cc"]
        groups.setdefault(key, []).append(entry)
    for name in sorted({key[0] for key in groups}):
        mine = {key: group for key, group in sorted(groups.items())
                if key[0] == name}
        columns = [column for column in COLUMNS
                   if any(entry.get(column[1]) is not None
                          for group in mine.values() for entry in group)]
        rows = [["variant", "cc", *(title for title, _, _ in columns)]]
        for (_, variant, control), group in mine.items():
            row = [variant or "-", control]
            for _, key, form in columns:
                values = [entry[key] for entry in group
                          if entry.get(key) is not None]
                row.append(form(median(values)) if values else "-")
            rows.append(row)
        widths = [max(map(len, column)) for column in zip(*rows)]
        print(f"\n{name}")
        for row in rows:
            print("  " + "  ".join(
                cell.ljust(wide) if place < 2 else cell.rjust(wide)
                for place, (cell, wide) in enumerate(zip(row, widths))))
