# SPDX-License-Identifier: GPL-2.0-or-later
"""From what flowgen saw in a guest to the figures of a record.

Documentation/bench.rst defines each metric; a case names those it wants. A
figure that has no value, because nothing of the kind happened, is null."""

import math
from bisect import bisect_right

METRICS = ("goodput", "utilisation", "jain", "queue", "jitter", "rtt",
           "retrans", "marked", "fct", "t90", "convergence", "recovery",
           "timeouts", "drops", "shares", "series")

FAIR = 0.9              # of the fair share, for t90 and recovery
JAIN_GOAL = 0.95
SERIES_POINTS = 100
NAMED_FLOWS = 8         # up to so many get a series each
UNCONNECTED = "connect: no answer"


class BadRun(Exception):
    """The guest's records are not those of a whole, valid run."""


# -- arithmetic ------------------------------------------------------------

def percentile(samples, percent):
    """The smallest sample that `percent` of all do not exceed."""
    if not samples:
        return None
    ordered = sorted(samples)
    rank = math.ceil(len(ordered) * percent / 100)
    return ordered[max(rank, 1) - 1]


def mean(samples):
    return sum(samples) / len(samples) if samples else None


def jain(shares):
    """1: all equal; 1/n: one has it all."""
    squares = sum(share * share for share in shares)
    if not squares:
        return None
    return sum(shares) ** 2 / (len(shares) * squares)


def rounded(value, digits=0):
    if value is None:
        return None
    return round(value, digits) if digits else round(value)


def ratio(part, whole):
    return part / whole if whole else None


# -- a run -----------------------------------------------------------------

class Run:
    """Records of flowgen beside the scenario that they are of."""

    def __init__(self, scenario, plan, records, states):
        self.scenario = scenario
        self.plan = plan
        self.states = states    # {site name: [(from us, Site)]}
        self.step_us = plan["series_us"]
        self.end_us = plan["end_us"]
        self.first = -(-plan["warm_us"] // self.step_us)
        self.last = self.end_us // self.step_us
        self.flows = sorted((record for record in records
                             if record["type"] == "flow"),
                            key=lambda record: record["id"])
        self.queues = [record for record in records
                       if record["type"] == "queue"]
        self.sites = [record for record in records
                      if record["type"] == "site"]
        self.steps = [record for record in records
                      if record["type"] == "step"]
        self.requests = [record for record in records
                         if record["type"] == "request"]
        self.check(records)

    def check(self, records):
        if not records or records[-1]["type"] != "end":
            raise BadRun("its records have no end")
        if [flow["id"] for flow in self.flows] \
                != list(range(len(self.scenario.flows))):
            raise BadRun("its records do not have every flow once")
        for flow, order in zip(self.flows, self.plan["flows"]):
            # To be starved from the first packet on is a result.
            if flow["error"] == UNCONNECTED:
                continue
            if flow["error"]:
                raise BadRun(f"flow {flow['name']}: {flow['error']}")
            if flow["cc"] != order["cc"]:
                raise BadRun(f"flow {flow['name']} was controlled by "
                             f"{flow['cc']}, not {order['cc']}")
        for record in records:
            if record["type"] == "event" and record["status"] != 0:
                raise BadRun(f"the event at {record['at_us']} us failed with "
                             f"status {record['status']}")
        if len(self.queues) != len(self.scenario.bottlenecks):
            raise BadRun("a queue was not measured")

    # Time

    def state(self, name, at_us):
        """A site as it was at a time."""
        states = self.states[name]
        times = [when for when, _ in states]
        return states[bisect_right(times, at_us) - 1][1]

    def payload_rate(self, site):
        """What TCP can deliver at best, bits per second."""
        return site.capacity * self.scenario.payload / self.scenario.packet

    def capacity(self, name, start_us, end_us):
        """The mean of payload_rate() of a site's link over a time."""
        total = 0
        states = self.states[name]
        for number, (when, site) in enumerate(states):
            until = states[number + 1][0] if number + 1 < len(states) \
                else end_us
            share = min(until, end_us) - max(when, start_us)
            if share > 0:
                total += share * self.payload_rate(site)
        return total / (end_us - start_us)

    # Flows

    def life(self, number):
        """When a flow may send: from, to."""
        order = self.plan["flows"][number]
        return order["start_us"], order.get("stop_us", self.end_us)

    def bins(self, number):
        """The intervals of the measured time in which a flow lives whole."""
        start, stop = self.life(number)
        first = max(self.first, -(-start // self.step_us))
        return first, min(self.last, stop // self.step_us)

    def received(self, number, first, last):
        series = self.flows[number]["rx_series"]
        return sum(series[first:last])

    def carried(self, first, last):
        """Bytes, by all links: what crosses two of them counts twice."""
        return sum(self.received(number, first, last)
                   * len(self.scenario.links(flow))
                   for number, flow in enumerate(self.scenario.flows))

    def room(self, start_us, end_us):
        """What all links could carry at best, bits per second."""
        return sum(self.capacity(site.name, start_us, end_us)
                   for site in self.scenario.bottlenecks)

    def goodput(self, number):
        """Of one flow, over its own part of the measured time."""
        first, last = self.bins(number)
        if last <= first:
            return None
        return self.received(number, first, last) * 8e6 \
            / ((last - first) * self.step_us)

    def measured_bits(self, number):
        return self.received(number, self.first, self.last) * 8

    @property
    def measured_s(self):
        return (self.last - self.first) * self.step_us / 1e6

    def delta(self, number, key):
        """A counter of a flow over the measured time."""
        flow = self.flows[number]
        return flow[key] - (flow.get("warm") or {}).get(key, 0)

    def total(self, key):
        return sum(self.delta(number, key)
                   for number in range(len(self.flows)))

    def greedy(self):
        """The flows that take what they get: bulk, and not paced for ever.
        [(number, from when greedy, to when)]"""
        found = []
        for number, flow in enumerate(self.scenario.flows):
            start, stop = self.life(number)
            if flow.kind == "bulk" and (not flow.rate or flow.bulk_at_us):
                found.append((number, max(start, flow.bulk_at_us), stop))
        return found

    def rivals(self, name, at_us):
        """The greedy flows on the way to a site at a time."""
        return [number for number, start, stop in self.greedy()
                if self.scenario.flows[number].to == name
                and start <= at_us < stop]

    def window(self, number):
        """Over how many intervals a flow's rate is looked at: one RTT, and
        its sawtooth is no matter of ours."""
        flow = self.scenario.flows[number]
        rtt = max(site.rtt_us for _, site in self.states[flow.to]) \
            + max(site.rtt_us for _, site in self.states[flow.source])
        return max(2, -(-rtt // self.step_us))


# -- metrics ---------------------------------------------------------------

def compute(run):
    """{key: value} of the metrics that the scenario wants."""
    found = {}
    for name in run.scenario.metrics:
        found.update(FUNCTIONS[name](run))
    return found


def goodput(run):
    bits = sum(run.measured_bits(number) for number in range(len(run.flows)))
    return {"goodput_bps": rounded(bits / run.measured_s)}


def utilisation(run):
    room = run.room(run.first * run.step_us, run.last * run.step_us)
    bits = run.carried(run.first, run.last) * 8
    return {"utilisation": rounded(ratio(bits / run.measured_s, room), 5)}


def jain_of_goodput(run):
    worst = None
    for site in run.scenario.bottlenecks:
        shares = [run.goodput(number) for number, _, _ in run.greedy()
                  if run.scenario.flows[number].to == site.name]
        shares = [share for share in shares if share is not None]
        value = jain(shares) if len(shares) > 1 else None
        if value is not None:
            worst = value if worst is None else min(worst, value)
    return {"jain": rounded(worst, 5)}


def queue_delays(run):
    """Microseconds that the backlog takes at the rate of its time."""
    delays = []
    for record in run.queues:
        start, step = record["start_us"], record["interval_us"]
        for number, backlog in enumerate(record["backlog"]):
            site = run.state(record["name"], start + number * step)
            delays.append(backlog * 8e6 / site.rate)
    return delays


def queue(run):
    delays = sorted(queue_delays(run))
    return {f"queue_p{name}_us": rounded(percentile(delays, percent), 1)
            for name, percent in (("50", 50), ("99", 99), ("999", 99.9))}


def rtt_samples(run):
    """[(RTT, above the path's own)] at the end of each interval, all flows."""
    samples = []
    for number, record in enumerate(run.flows):
        flow = run.scenario.flows[number]
        first, last = run.bins(number)
        series = record["rtt_series"]
        for place in range(first, min(last, len(series))):
            if not series[place]:
                continue
            at = (place + 1) * run.step_us - 1
            base = run.state(flow.source, at).rtt_us \
                + run.state(flow.to, at).rtt_us
            samples.append((series[place], base))
    return samples


def rtt(run):
    samples = rtt_samples(run)
    times = [sample for sample, _ in samples]
    inflation = [sample / base for sample, base in samples]
    return {"rtt_p50_us": percentile(times, 50),
            "rtt_p99_us": percentile(times, 99),
            "rtt_inflation_p99": rounded(percentile(inflation, 99), 4)}


def jitter(run):
    """Of each flow's RTT p99 - p50; the worst flow's counts."""
    worst = None
    for number, record in enumerate(run.flows):
        first, last = run.bins(number)
        times = [sample for sample in record["rtt_series"][first:last]
                 if sample]
        if times:
            value = percentile(times, 99) - percentile(times, 50)
            worst = value if worst is None else max(worst, value)
    return {"jitter_us": worst}


def retrans(run):
    return {"retrans_fraction": rounded(
        ratio(run.total("bytes_retrans"), run.total("bytes_sent")), 7)}


def marked(run):
    return {"marked_fraction": rounded(
        ratio(run.total("delivered_ce"), run.total("delivered")), 7)}


def timeouts(run):
    return {"timeouts": sum(record["timeouts"]
                            - (record.get("warm") or {}).get("timeouts", 0)
                            for record in run.sites)}


def drops(run):
    return {"drops": sum(record["drops"]
                         - (record.get("warm") or {}).get("drops", 0)
                         for record in run.queues)}


def fct(run):
    """Steps of groups where there are any, else requests."""
    warm = run.plan["warm_us"]
    times, ideals = [], []
    for record in run.steps:
        if record["start_us"] >= warm and record["end_us"] is not None:
            times.append(record["end_us"] - record["start_us"])
            ideals.append(ideal_step(run, record["group"],
                                     record["start_us"]))
    if not run.steps:
        for record in run.requests:
            if record["at_us"] >= warm and record["end_us"] is not None:
                times.append(record["end_us"] - record["at_us"])
                ideals.append(ideal_request(run, record["flow"],
                                            record["at_us"]))
    return {"fct_mean_us": rounded(mean(times)),
            "fct_p50_us": percentile(times, 50),
            "fct_p99_us": percentile(times, 99),
            "fct_ideal_us": rounded(mean(ideals)),
            "fct_count": len(times),
            "step_skew": step_skew(run)}


def transfer_us(run, site, size):
    return size * 8e6 / run.payload_rate(site) if site.capacity else 0


def ideal_step(run, group, at_us):
    """The links carry nothing but the step, at full rate from the first
    packet on; one RTT from the first byte's start to the last answer."""
    scenario = run.scenario
    sizes = {}
    longest = 0
    for flow in scenario.flows:
        if flow.group != group:
            continue
        sizes[flow.to] = sizes.get(flow.to, 0) + flow.bytes
        longest = max(longest, run.state(flow.source, at_us).rtt_us
                      + run.state(flow.to, at_us).rtt_us)
    slowest = max(transfer_us(run, run.state(name, at_us), size)
                  for name, size in sizes.items())
    return scenario.groups[group].phases * (slowest + longest)


def ideal_request(run, number, at_us):
    flow = run.scenario.flows[number]
    site = run.state(flow.to, at_us)
    return transfer_us(run, site, flow.bytes) + site.rtt_us \
        + run.state(flow.source, at_us).rtt_us


def step_skew(run):
    """How far the last flow of a step is behind the average one."""
    skews = []
    for record in run.steps:
        times = record["flows_us"]
        if record["start_us"] >= run.plan["warm_us"] and None not in times:
            skews.append(max(times) / mean(times))
    return rounded(mean(skews), 4)


def reaches(run, number, start_us, stop_us):
    """How long after a time a flow's rate is at its fair share: until the end
    of the first window in which it is, or None."""
    flow = run.scenario.flows[number]
    series = run.flows[number]["rx_series"]
    window = run.window(number)
    first = start_us // run.step_us
    last = min(stop_us // run.step_us, run.last, len(series))
    for place in range(first, last - window + 1):
        begin, end = place * run.step_us, (place + window) * run.step_us
        bits = sum(series[place:place + window]) * 8e6 / (end - begin)
        fair = run.capacity(flow.to, begin, end) \
            / max(1, len(run.rivals(flow.to, end - 1)))
        if fair and bits >= FAIR * fair:
            return end - start_us
    return None


def t90(run):
    """The slowest flow's."""
    times = [reaches(run, number, start, stop)
             for number, start, stop in run.greedy()]
    if not times or None in times:
        return {"t90_us": None}
    return {"t90_us": max(times)}


def recovery(run):
    """After each change of the path until all flows to that site together
    have 90 % of what is there now."""
    found = []
    events = run.scenario.events
    for event in events:
        after = min([other.at_us for other in events
                     if other.at_us > event.at_us], default=run.end_us)
        if run.state(event.site, event.at_us).cut:
            continue
        found.append(recovers(run, event.at_us, after))
    known = [time for time in found if time is not None]
    return {"recoveries_us": found,
            "recovery_us": max(known) if found and len(known) == len(found)
            else None}


def recovers(run, start_us, stop_us):
    window = max(run.window(number) for number in range(len(run.flows)))
    first, last = -(-start_us // run.step_us), stop_us // run.step_us
    for place in range(first, min(last, run.last) - window + 1):
        begin, end = place * run.step_us, (place + window) * run.step_us
        bits = run.carried(place, place + window) * 8e6 / (end - begin)
        room = run.room(begin, end)
        if room and bits >= FAIR * room:
            return end - start_us
    return None


def convergence(run):
    """After each join or leave, until the greedy flows of that link are and
    stay equal: Jain >= 0.95 until the next change. A change that is followed
    by another within one window is part of that one."""
    times = []
    for site in run.scenario.bottlenecks:
        flows = [(number, start, stop) for number, start, stop in run.greedy()
                 if run.scenario.flows[number].to == site.name]
        if len(flows) < 2:
            continue
        window = max(10, *(10 * run.window(number) for number, _, _ in flows))
        changes = sorted({time for _, start, stop in flows
                          for time in (start, stop) if time < run.end_us})
        for place, change in enumerate(changes):
            until = changes[place + 1] if place + 1 < len(changes) \
                else run.end_us
            active = [number for number, start, stop in flows
                      if start <= change < stop]
            if until - change <= 2 * window * run.step_us or len(active) < 2:
                continue
            times.append(converges(run, active, change, until, window))
    found = [time for time in times if time is not None]
    return {"convergence_us": rounded(mean(found))
            if times and len(found) == len(times) else None,
            "convergences_us": times}


def converges(run, active, change, until, window):
    first = -(-change // run.step_us)
    last = min(until // run.step_us, run.last)
    stays = None
    for place in range(first, last - window + 1):
        value = jain([run.received(number, place, place + window)
                      for number in active])
        if value is None or value < JAIN_GOAL:
            stays = None
        elif stays is None:
            stays = place
    if stays is None:
        return None
    return (stays + window) * run.step_us - change


def shares(run):
    rows = []
    for number, record in enumerate(run.flows):
        flow = run.scenario.flows[number]
        rows.append({
            "name": flow.name, "index": flow.index,
            "cc": run.plan["flows"][number]["cc"],
            "goodput_bps": rounded(run.goodput(number)),
            "rtt_us": run.scenario.rtt_us(flow),
            "retrans_fraction": rounded(
                ratio(run.delta(number, "bytes_retrans"),
                      run.delta(number, "bytes_sent")), 7),
        })
    return {"shares": rows}


def series(run):
    """Coarse curves for charts, from the start on."""
    stride = -(-run.last // SERIES_POINTS)
    alone = len(run.flows) <= NAMED_FLOWS
    curves = {}
    for number, flow in enumerate(run.scenario.flows):
        name = flow.name
        if alone and sum(other.name == name
                         for other in run.scenario.flows) > 1:
            name = f"{name} {flow.index + 1}"
        curve = curves.setdefault(name, {
            "name": name, "cc": run.plan["flows"][number]["cc"],
            "goodput_bps": [0] * (run.last // stride)})
        for place in range(len(curve["goodput_bps"])):
            bits = run.received(number, place * stride,
                                (place + 1) * stride) * 8e6
            curve["goodput_bps"][place] += bits / (stride * run.step_us)
    for curve in curves.values():
        curve["goodput_bps"] = [rounded(rate)
                                for rate in curve["goodput_bps"]]
    return {"series": {"interval_us": stride * run.step_us,
                       "flows": list(curves.values())}}


FUNCTIONS = {
    "goodput": goodput, "utilisation": utilisation, "jain": jain_of_goodput,
    "queue": queue, "jitter": jitter, "rtt": rtt, "retrans": retrans,
    "marked": marked, "fct": fct, "t90": t90, "convergence": convergence,
    "recovery": recovery, "timeouts": timeouts, "drops": drops,
    "shares": shares, "series": series,
}
