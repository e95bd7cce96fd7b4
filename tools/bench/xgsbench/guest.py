# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs in guests: built, booted, and kept in a cache by what went into them."""

import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from . import paths, plan
from .errors import BenchError

from xgslab import cache, machine, modules, root, tools, uml
from xgslab.errors import LabError

LAB = paths.LAB / "lab"
KERNEL = "uml"
RAW = "flowgen.jsonl.gz"
LOCK = "lock"
TIMEOUT_MIN_S = 300
TIMEOUT_FACTOR = 40     # of the estimated cost: hosts are slow and busy


class Failed(Exception):
    """A guest did not bring a whole result; one line."""


def call(argv, what):
    done = subprocess.run([str(word) for word in argv], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          errors="replace", env=tools.clean_env(),
                          check=False)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise BenchError(f"{what} failed")
    return done.stdout


class Shared:
    """What all runs share, built once: the kernel, the modules of the tree as
    they are now, flowgen."""

    def __init__(self, peers, flowgen=None):
        try:
            self.kernel = uml.kernel(machine.Options(kernel=KERNEL))
            self.modules = self.take_modules(peers)
            base = root.base().read_bytes()
        except LabError as error:
            raise BenchError(f"lab: {error}") from None
        self.flowgen = flowgen or self.build_flowgen()
        self.key = digest(self.kernel.image.read_bytes(),
                          self.flowgen.read_bytes(), base,
                          json.dumps(uml.COMMAND_LINE).encode())

    def take_modules(self, peers):
        """{name: content}, as long as a whole matrix takes."""
        found = {}
        names = [word for peer in peers for word in peer.modules]
        if any(isinstance(word, str) for word in names):
            with cache.lock(modules.lock_file(self.kernel)):
                for path in modules.build(self.kernel):
                    found[path.stem] = path.read_bytes()
        for word in names:
            if isinstance(word, Path):
                found[word.stem] = word.read_bytes()
            elif word not in found:
                raise BenchError(f"the tree builds no module {word}")
        return found

    @staticmethod
    def build_flowgen():
        with cache.lock(paths.BUILD / ".flowgen.lock"):
            call(["make", "-s", "-C", paths.FLOWGEN, f"BUILD={paths.BUILD}"],
                 "building flowgen")
        return paths.BUILD / "flowgen"


def digest(*parts):
    key = hashlib.sha256()
    for part in parts:
        key.update(len(part).to_bytes(8, "little"))
        key.update(part)
    return key.hexdigest()[:24]


class Job:
    """One run: a scenario, a control, a seed."""

    def __init__(self, shared, scenario, peer, known_peers, seed):
        self.shared = shared
        self.scenario = scenario
        self.peer = peer
        self.seed = seed
        ccs = plan.run_peers(scenario, peer, known_peers)
        self.plan = plan.plan(scenario, peer, known_peers, seed)
        self.setup = plan.setup(scenario, ccs)
        self.modules = plan.module_names(ccs)
        self.memory = plan.memory_mb(scenario)
        self.cost = plan.cost(scenario)
        self.key = digest(
            shared.key.encode(), str(seed).encode(), str(self.memory).encode(),
            self.setup.encode(), plan.text(self.plan).encode(),
            *(shared.modules[name] for name in self.modules))

    @property
    def name(self):
        parts = [self.scenario.case, self.scenario.variant, self.peer.name,
                 f"seed {self.seed}"]
        return " ".join(part for part in parts if part)

    @property
    def folder(self):
        return paths.BUILD / "cache" / self.key

    def write(self, folder):
        """What the guest is given."""
        (folder / "setup.sh").write_text(self.setup, encoding="ascii")
        (folder / "setup.sh").chmod(0o755)
        (folder / "plan.json").write_text(plan.text(self.plan),
                                          encoding="ascii")
        shutil.copy(self.shared.flowgen, folder / "flowgen")
        (folder / "modules").mkdir()
        for name in self.modules:
            (folder / "modules" / f"{name}.ko").write_bytes(
                self.shared.modules[name])

    def cached(self):
        """The raw records of an earlier run, or None."""
        try:
            with gzip.open(self.folder / RAW, "rb") as file:
                return parse(file.read())
        except FileNotFoundError:
            return None
        except (OSError, EOFError, Failed):
            # What is broken is made again.
            shutil.rmtree(self.folder, ignore_errors=True)
            return None

    def keep(self, data):
        with cache.new_folder(self.folder) as new:
            packed = gzip.compress(data, 6, mtime=0)
            (new / RAW).write_bytes(packed)
            (new / "plan.json").write_text(plan.text(self.plan),
                                           encoding="ascii")
            (new / "setup.sh").write_text(self.setup, encoding="ascii")
            shutil.rmtree(self.folder, ignore_errors=True)


def parse(data):
    """Records from flowgen's lines; an end there must be."""
    try:
        records = [json.loads(line) for line in data.splitlines()]
    except ValueError:
        raise Failed("it left half-written records") from None
    if not records or records[-1].get("type") != "end":
        raise Failed("its records have no end")
    return records


class Guests:
    """Boots guests; stop() ends those that run."""

    def __init__(self, keep=False):
        self.keep = keep
        self.lock = threading.Lock()
        self.running = set()
        self.stopped = False
        paths.BUILD.mkdir(parents=True, exist_ok=True)
        for work in paths.BUILD.glob("run-*"):
            # What an earlier failure left for a person to look at.
            with cache.lock_if_free(work / LOCK) as free:
                if free:
                    shutil.rmtree(work, ignore_errors=True)

    def run(self, job):
        """Raw records of a job, from a guest."""
        work = Path(tempfile.mkdtemp(prefix="run-", dir=paths.BUILD))
        failed = True
        with cache.lock(work / LOCK):
            try:
                (work / "bench").mkdir()
                job.write(work / "bench")
                self.boot(job, work)
                data = self.collect(work)
                records = parse(data)
                job.keep(data)
                failed = False
                return records
            finally:
                if not (self.keep or (failed and not self.stopped)):
                    shutil.rmtree(work, ignore_errors=True)

    def boot(self, job, work):
        timeout = max(TIMEOUT_MIN_S, TIMEOUT_FACTOR * job.cost)
        # Who is killed outright still takes its guests along.
        argv = [tools.find("setpriv", "util-linux"), "--pdeathsig", "TERM",
                LAB, "run", "--kernel", KERNEL, "--no-modules",
                "--no-selftests", "--seed", job.seed, "--mem", job.memory,
                "--timeout", round(timeout), "--out", work / "out",
                "--add", f"{work / 'bench'}:bench", "--", "bench/setup.sh"]
        with open(work / "output", "wb") as out:
            with self.lock:
                if self.stopped:
                    raise Failed("stopped")
                process = subprocess.Popen([str(word) for word in argv],
                                           stdin=subprocess.DEVNULL,
                                           stdout=out, stderr=out)
                self.running.add(process)
            try:
                status = process.wait()
            finally:
                with self.lock:
                    self.running.discard(process)
        if status:
            raise Failed(f"the guest failed with status {status}: "
                         f"{last_words(work / 'output')} (more in "
                         f"{paths.show(work / 'output')})")

    @staticmethod
    def collect(work):
        path = work / "out" / "flowgen.jsonl"
        if not path.exists():
            raise Failed("the guest left no records (see "
                         f"{paths.show(work / 'output')})")
        return path.read_bytes()

    def stop(self):
        with self.lock:
            self.stopped = True
            for process in self.running:
                process.send_signal(signal.SIGTERM)


def last_words(path):
    text = path.read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines()
             if line.strip() and "kernel's log:" not in line]
    return lines[-1][:200] if lines else "without a word"


def processors():
    return len(os.sched_getaffinity(0))


