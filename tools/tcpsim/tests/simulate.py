# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the simulator and reads what it prints."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from harness import expect, lab, said

REPO = Path(__file__).resolve().parents[3]
SIM = REPO / "build/tcpsim/tcpsim"
BUFFER_MS = 60          # where all_of() is not told another one


class Run(NamedTuple):
    """What came of a run."""
    mbit: list          # of each flow
    used: float         # per cent of the link
    queue_ms: float
    p99_ms: float
    jain: float
    lost: float         # per cent


def sim(*words):
    return lab(*words, program=SIM)


def good(*words):
    done = sim(*words)
    expect(done.returncode == 0 and not done.stderr, "it failed", said(done))
    return done.stdout


def simulate(*words):
    text = good(*words)
    numbers = re.search(r"utilisation ([\d.]+) %, queue ([\d.]+) ms, "
                        r"p99 ([\d.]+) ms, Jain ([\d.]+), lost ([\d.]+) %",
                        text)
    expect(numbers, "no result", text)
    return Run([float(rate) for rate in re.findall(r": ([\d.]+) Mbit/s", text)],
               *map(float, numbers.groups()))


def build():
    subprocess.run(["make", "-s", "-C", REPO / "tools/tcpsim"], check=True)


def all_of(situations):
    """{words: Run}"""
    situations = list(situations)
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(situations, pool.map(
            lambda words: simulate("--buffer", BUFFER_MS, *words), situations)))
