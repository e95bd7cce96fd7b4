# SPDX-License-Identifier: GPL-2.0-or-later
"""What records say: medians over seeds, and how ours compares."""

import json
import math
import re
import statistics
from dataclasses import dataclass

from .charts import Stat, short

OURS = "xgs"
# Two figures closer than that are called level.
LEVEL = 0.05
# A short queue is no merit of a control that leaves the link empty.
CARRIES = 0.9

TIME = (("s", 1e6), ("ms", 1e3), ("µs", 1))
RATE = (("Gbit/s", 1e9), ("Mbit/s", 1e6), ("kbit/s", 1e3))
PERCENT = (("%", 0.01),)
PLAIN = (("", 1),)


@dataclass(frozen=True)
class Metric:
    key: str
    title: str
    units: tuple
    better: str         # "more" or "less"
    ceiling: float | None = None
    delay: bool = False     # only compared among those that fill the link
    # null is not "not measured": what is waited for did not happen, unless
    # this key's list says that there was nothing to wait for
    never: str | None = None


METRICS = {metric.key: metric for metric in (
    Metric("goodput_bps", "Goodput", RATE, "more"),
    Metric("utilisation", "Utilisation", PERCENT, "more", 1.0),
    Metric("least_share", "Smallest share, of a fair one", PERCENT, "more"),
    Metric("jain", "Jain's fairness index", PLAIN, "more", 1.0),
    Metric("queue_p50_us", "Queueing delay, median", TIME, "less",
           delay=True),
    Metric("queue_p99_us", "Queueing delay, p99", TIME, "less", delay=True),
    Metric("queue_p999_us", "Queueing delay, p99.9", TIME, "less",
           delay=True),
    Metric("rtt_p50_us", "RTT, median", TIME, "less", delay=True),
    Metric("rtt_p99_us", "RTT, p99", TIME, "less", delay=True),
    Metric("rtt_inflation_p99", "RTT inflation, p99", PLAIN, "less",
           delay=True),
    Metric("jitter_us", "Jitter", TIME, "less", delay=True),
    Metric("retrans_fraction", "Retransmitted", PERCENT, "less"),
    Metric("marked_fraction", "Marked", PERCENT, "less"),
    Metric("fct_mean_us", "Completion time, mean", TIME, "less", never=""),
    Metric("fct_p50_us", "Completion time, median", TIME, "less", never=""),
    Metric("fct_p99_us", "Completion time, p99", TIME, "less", never=""),
    Metric("t90_us", "Time to 90 % of the fair share", TIME, "less",
           never=""),
    Metric("convergence_us", "Convergence after a join or leave", TIME,
           "less", never="convergences_us"),
    Metric("recovery_us", "Recovery after a change of the path", TIME,
           "less", never="recoveries_us"),
    Metric("timeouts", "Timeouts", PLAIN, "less"),
    Metric("drops", "Packets dropped at the bottleneck", PLAIN, "less"),
)}


def natural(value):
    """Sorts 2.5G before 10G, and 200us before 1ms."""
    if isinstance(value, (int, float)):
        return (0, float(value), "")
    match = re.match(r"(\d+(?:\.\d+)?) ?([A-Za-z%]*)", str(value))
    if not match:
        return (1, 0.0, str(value))
    factor = {"K": 1e3, "KB": 1e3, "M": 1e6, "MB": 1e6, "G": 1e9, "GB": 1e9,
              "T": 1e12, "us": 1, "ms": 1e3, "s": 1e6}.get(match[2], 1)
    return (0, float(match[1]) * factor, str(value))


class Case:
    """The records of one case, by variant and control."""

    def __init__(self, name, records, looks, notes):
        self.name = name
        self.looks = looks
        self.notes = notes
        self.cells = {}
        for record in records:
            key = record["variant"], record["cc"]
            self.cells.setdefault(key, []).append(with_shares(record))
        first = {}
        for (variant, _), cell in self.cells.items():
            first.setdefault(variant, cell[0])
        self.parameters = self.varying(first)
        self.variants = sorted(first, key=lambda v: (
            [natural(first[v].get(p)) for p in self.parameters], v))
        self.first = first
        self.controls = [c for c in looks
                         if any(key[1] == c for key in self.cells)]
        self.seeds = sorted({record["seed"] for record in records})

    @staticmethod
    def varying(first):
        """The parameters that tell this case's variants apart."""
        names = list(dict.fromkeys(
            key for record in first.values() for key in record
            if key.startswith("p_")))
        return [name for name in names
                if len({text_of(record.get(name))
                        for record in first.values()}) > 1]

    def stat(self, metric, variant, control):
        values = [value for record in self.cells.get((variant, control), [])
                  if (value := reading(record, metric)) is not None]
        if not values:
            return None
        # Of an even number, one in the middle that was measured: a mean with
        # "never" would be none.
        return Stat(statistics.median_low(values), min(values), max(values))

    def has(self, metric):
        return any(reading(record, metric) is not None
                   for cell in self.cells.values() for record in cell)

    def metrics(self):
        return [m for m in METRICS.values() if self.has(m)]

    def headlines(self):
        """What speaks for this case; notes.toml may choose."""
        chosen = [METRICS[key] for key in self.notes.get("headline", [])
                  if self.has(METRICS[key])]
        if chosen:
            return chosen
        for key in ("fct_p99_us", "least_share", "utilisation"):
            if self.has(METRICS[key]):
                return [METRICS[key]]
        return self.metrics()[:1]

    def unit(self, *metrics):
        """The unit in which most values are readable."""
        values = [s.median for m in metrics for v in self.variants
                  for c in self.controls if (s := self.stat(m, v, c))]
        size = statistics.median([v for v in values
                                  if 0 < v < math.inf] or [0])
        for name, factor in metrics[0].units:
            if size >= factor:
                return name, factor
        return metrics[0].units[-1]

    def command(self):
        return f"make bench CASE={self.name} && make bench-report"


def reading(record, metric):
    """A value, infinity if it never came, None if it was not measured."""
    value = record.get(metric.key)
    if value is None and metric.key in record and metric.never is not None \
            and record.get(metric.never, True):
        return math.inf
    return value


def text_of(value):
    return json.dumps(value, sort_keys=True)


def with_shares(record):
    """Adds what the flow that got least has of an equal part of the link,
    where flows are to be equal: requests want no more than they are."""
    flows = record.get("shares") or []
    rate = record.get("rate_bps")
    if len(flows) > 1 and rate and "jain" in record \
            and "fct_mean_us" not in record:
        least = min(flow["goodput_bps"] or 0 for flow in flows)
        record = {**record, "least_share": least * len(flows) / rate}
    return record


def shown(name, value):
    """A parameter's value, with the unit that its name tells."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    for suffix, units in (("_us", TIME), ("_bps", RATE)):
        if name.endswith(suffix):
            return with_unit(value, units)
    if name.endswith("_bytes"):
        return with_unit(value, (("MB", 1e6), ("KB", 1e3), ("B", 1)))
    return short(value)


def with_unit(value, units):
    if value == math.inf:
        return "never"
    for unit, factor in units:
        if value >= factor:
            return f"{short(value / factor)} {unit}".rstrip()
    unit, factor = units[-1]
    return f"{short(value / factor)} {unit}".rstrip()


def title_of(parameter):
    return re.sub("_(us|bps|bytes)$", "", parameter.removeprefix("p_")) \
        .replace("_", " ")


# --- verdicts ---------------------------------------------------------------

def carriers(case, variant):
    """The controls that fill the link nearly as much as any."""
    goodput = METRICS["utilisation"] if case.has(METRICS["utilisation"]) \
        else METRICS["goodput_bps"]
    stats = {c: case.stat(goodput, variant, c) for c in case.controls}
    most = max((s.median for s in stats.values() if s), default=0)
    return {c for c, s in stats.items() if not s
            or s.median >= CARRIES * most}


def over_variants(case, metric, control):
    """The median of a control over all variants."""
    values = [s.median for v in case.variants
              if (s := case.stat(metric, v, control))
              and (not metric.delay or control in carriers(case, v))]
    return statistics.median_low(values) if values else None


def is_ours(control):
    """xgs, or xgs with other settings, which is no peer of it (peers.toml)."""
    return control == OURS or control.startswith(f"{OURS}-")


def best_peer(case, metric):
    """(control, its median), or None: the peer with the best one."""
    found = [(value, c) for c in case.controls if not is_ours(c)
             and (value := over_variants(case, metric, c)) is not None]
    if not found:
        return None
    pick = max if metric.better == "more" else min
    value = pick(v for v, _ in found)
    return next((c, v) for v, c in found if v == value)


def verdict(case, metric):
    """Ours against whichever peer is best in each variant."""
    better = level = worse = 0
    for variant in case.variants:
        ours = case.stat(metric, variant, OURS)
        able = carriers(case, variant) if metric.delay else set(case.controls)
        peers = [s.median for c in case.controls
                 if not is_ours(c) and c in able
                 and (s := case.stat(metric, variant, c))]
        if ours is None or not peers:
            continue
        pick = max if metric.better == "more" else min
        rival = pick(peers)
        mine = ours.median
        if OURS not in able:
            worse += 1
        elif mine == rival or abs(mine - rival) <= LEVEL * min(rival, mine):
            level += 1
        elif (mine > rival) == (metric.better == "more"):
            better += 1
        else:
            worse += 1
    total = better + level + worse
    if not total:
        return "-"
    return f"better in {better}, level in {level}, worse in {worse} of {total}"


# --- as text ----------------------------------------------------------------

def figure_text(stat, factor):
    if stat is None:
        return "-"
    text, low, high = (short(v / factor)
                       for v in (stat.median, stat.low, stat.high))
    return text if low == high else f"{text} ({low} to {high})"


def one(metric, value):
    return "-" if value is None else with_unit(value, metric.units)
