# SPDX-License-Identifier: GPL-2.0-or-later
"""What the benchmark's tests share, beside the lab's harness."""

import os
import sys
import tempfile
import tomllib
from pathlib import Path

sys.dont_write_bytecode = True

BENCH = Path(__file__).resolve().parents[1]
REPO = BENCH.parents[1]
sys.path[:0] = [str(REPO / "tools/lab/tests"), str(BENCH)]

from harness import expect, lab, main, private, said  # noqa: E402
from xgsbench import case, metrics, peers, plan  # noqa: E402

PEERS = peers.load()

# One flow over a link that carries 8.948 Mbit/s of payload, as a packet of
# 9014 bytes has 8948 of it.
SMALL = """
title = "small"
description = "small"
duration = "1s"
warmup = "200ms"
metrics = ["goodput"]
[sites.a]
rtt = "10ms"
[sites.b]
rate = "9014K"
buffer = "1MB"
[[flows]]
name = "one"
from = "a"
to = "b"
"""


# What comes from c crosses the links to m and to b.
ROW = """
title = "row"
description = "two bottlenecks"
duration = "1s"
warmup = "200ms"
metrics = ["goodput"]
[sites.c]
rtt = "20ms"
[sites.m]
rate = "9014K"
buffer = "1bdp"
[sites.b]
rtt = "10ms"
behind = "m"
rate = "9014K"
buffer = "1bdp"
[[flows]]
name = "long"
from = "c"
to = "b"
[[flows]]
name = "first"
from = "c"
to = "m"
[[flows]]
name = "second"
from = "m"
to = "b"
"""


def bench(*words, before=(), **more):
    """Run the benchmark's program."""
    return lab(*words, program=BENCH / "bench", before=before, **more)


def temporary_folder():
    return tempfile.TemporaryDirectory(prefix="xgs-bench-test-")


def read(text, name="small"):
    """A case from the text of its file."""
    return case.read(name, tomllib.loads(text), f"{name}.toml", PEERS)


def write(folder, text, name="small"):
    path = Path(folder) / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def run_of(text, rx=(), rtt=(), cc="cubic", **more):
    """A metrics.Run of the only variant of a case. `rx` and `rtt` are, for
    each flow, functions of the middle of an interval in us; bits per second
    and us. `more`: records by type."""
    scenario = read(text).scenarios[0]
    orders = plan.plan(scenario, PEERS[cc], PEERS, 1)
    for order, flow in zip(orders["flows"], scenario.flows):
        order["start_us"] = flow.start_us       # not by chance
    step = orders["series_us"]
    middles = [(place + 0.5) * step for place in
               range(orders["end_us"] // step)]

    def series(functions, number, scale):
        function = functions[number] if number < len(functions) \
            else lambda _at: 0
        return [round(function(at) * scale) for at in middles]
    records = []
    for number, order in enumerate(orders["flows"]):
        records.append({
            "type": "flow", "id": number, "name": order["name"],
            "cc": order["cc"], "error": None,
            "bytes_sent": 1000, "bytes_retrans": 10, "delivered": 50,
            "delivered_ce": 5, "timeouts": None,
            "warm": {"bytes_sent": 200, "bytes_retrans": 2, "delivered": 10,
                     "delivered_ce": 1},
            "rx_series": series(rx, number, step / 8e6),
            "rtt_series": series(rtt, number, 1),
            **more.get("flow", {})})
    records += more.get("site", [])
    for queue in orders["queues"]:
        records.append({"type": "queue", "name": queue["name"],
                        "start_us": queue["start_us"],
                        "interval_us": queue["interval_us"],
                        "drops": 9, "marks": 7, "warm": {"drops": 2},
                        "backlog": more.get("backlog", [0])})
    records += [{"type": "step", **step} for step in more.get("steps", [])]
    records += [{"type": "request", **one} for one in
                more.get("requests", [])]
    records += more.get("events", [])
    if more.get("end", True):
        records.append({"type": "end", "us": orders["end_us"]})
    states = {name: case.timeline(scenario, name) for name in scenario.sites}
    return metrics.Run(scenario, orders, records, states)


def values(run, *wanted):
    run.scenario.metrics = list(wanted)
    return metrics.compute(run)


__all__ = ["BENCH", "PEERS", "REPO", "ROW", "SMALL", "bench", "case", "expect",
           "main", "metrics", "os", "plan", "private", "read", "run_of",
           "said", "temporary_folder", "values", "write"]
