# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: what Documentation/bench.rst describes, read, checked, expanded.

A case is a file with parameters. Each of its variants gives them values, and
what comes out is a Scenario: plain numbers, nothing left to look up."""

import itertools
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import metrics, paths, table, units
from .errors import InputError
from .table import Table

ETHERNET = 14           # what a queue counts besides the IP packet
IP_TCP = 52             # headers of a data packet, time stamp included
GSO_BYTES = 65536 + ETHERNET
RTT_MIN_US = 10
FLOWS_MAX = 1000
SITES_MAX = 64
INTERVAL_MIN_US = 10
DURATION_MAX_US = 600 * 10**6


@dataclass(frozen=True)
class Mark:
    kind: str           # step, red
    low: int            # bytes in the queue
    high: int
    probability: float


@dataclass(frozen=True)
class Loss:
    kind: str = "none"  # none, random, burst
    part: float = 0.0
    burst: float = 1.0  # packets


@dataclass(frozen=True)
class Site:
    name: str
    number: int
    rtt_us: int
    rate: int | None            # of the link towards it
    buffer: int                 # bytes
    buffer_text: str
    mark: Mark | None
    policer: tuple | None       # (rate, burst in bytes)
    loss: Loss
    jitter_us: int
    slot_us: int
    reorder: tuple | None       # (part, by how many us)
    duplicate: float
    ack_slot_us: int
    behind: str | None = None   # the site whose link comes first
    cut: bool = False

    @property
    def capacity(self):
        """Bits per second that the way to the site lets through."""
        if self.cut:
            return 0
        if self.policer:
            return min(self.rate, self.policer[0])
        return self.rate


@dataclass(frozen=True)
class Flow:
    name: str
    index: int          # among the flows of that name
    source: str
    to: str
    cc: str | None      # None: the control that the run is about
    start_us: int
    stop_us: int | None
    kind: str           # bulk, step, requests
    bytes: int = 0
    rate: int = 0       # bulk: paced by the application
    bulk_at_us: int = 0
    group: str = ""
    per_second: float = 0.0
    connections: int = 0


@dataclass(frozen=True)
class Group:
    start_us: int
    think_us: int
    spread_us: int
    phases: int
    count: int


@dataclass(frozen=True)
class Event:
    at_us: int
    site: str
    changes: dict       # fields of Site


@dataclass
class Scenario:
    """One variant of a case."""
    case: str
    variant: str
    parameters: dict
    controls: list      # names, or None for the default
    metrics: list
    mtu: int
    offload: bool
    duration_us: int
    warmup_us: int
    interval_us: int    # of time series at most; 0: as long as they please
    sites: dict
    flows: list
    groups: dict
    events: list = field(default_factory=list)

    @property
    def packet(self):
        return self.mtu + ETHERNET

    @property
    def payload(self):
        return self.mtu - IP_TCP

    @property
    def marks(self):
        return any(site.mark for site in self.sites.values())

    def rtt_us(self, flow):
        return self.sites[flow.source].rtt_us + self.sites[flow.to].rtt_us

    def links(self, flow):
        """The names of the sites whose links a flow crosses."""
        first = self.sites[flow.to].behind
        # From there, and from what else is behind it, only one.
        near = (None, flow.source, self.sites[flow.source].behind)
        return [flow.to] if first in near else [first, flow.to]

    @property
    def bottlenecks(self):
        """The sites whose link is a bottleneck: flows cross it."""
        crossed = {name for flow in self.flows for name in self.links(flow)}
        return [site for name, site in self.sites.items() if name in crossed]

    def most(self, name, value):
        """The largest that a value of a site ever is."""
        return max([getattr(self.sites[name], value),
                    *(event.changes[value] for event in self.events
                      if event.site == name and value in event.changes)])

    @property
    def bdp(self):
        """Bytes under way on the longest path through the fastest link, when
        there are most."""
        return max(self.most(flow.to, "rate")
                   * (self.most(flow.source, "rtt_us")
                      + self.most(flow.to, "rtt_us"))
                   for flow in self.flows) // (8 * 10**6)


@dataclass
class Case:
    name: str
    title: str
    description: str
    smoke: dict | None
    scenarios: list


# -- reading ---------------------------------------------------------------

def names(folder=paths.CASES):
    return sorted(path.stem for path in Path(folder).glob("*.toml"))


def load(name, known_peers, folder=paths.CASES):
    """A case by its name, or by the path of its file."""
    path = Path(name) if name.endswith(".toml") else \
        Path(folder) / f"{name}.toml"
    if not name.endswith(".toml") and name not in names(folder):
        raise InputError(f"case {name}", "there is no such case (known: "
                         f"{', '.join(names(folder))})")
    return read(path.stem, table.load(path), paths.show(path), known_peers)


def read(name, content, where, known_peers):
    top = Table(where, content)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", name):
        top.fail(f"{name!r} is no name for a case (a-z, 0-9 and -)")
    case = Case(name, top.take("title", table.text),
                " ".join(top.take("description", table.text).split()),
                None, [])
    defaults = top.take("params", parameters, {})
    used = set()
    smoke = top.take("smoke", overrides(defaults), None)
    for label, values in variants(top, defaults):
        text = substitute(content, values, used)
        inside = Table(f"{where}: variant {label}" if label else where, text)
        inside.read = {"title", "description", "params", "grid", "variants",
                       "smoke"}
        case.scenarios.append(scenario(name, label, values, inside,
                                       known_peers))
    for key in defaults:
        if key not in used:
            top.fail("this parameter is used nowhere", f"params.{key}")
    labels = [one.variant for one in case.scenarios]
    for label in labels:
        if labels.count(label) > 1:
            top.fail(f"two variants are called {label}")
    if smoke is not None:
        case.smoke = {**defaults, **smoke}
        if case.smoke not in [one.parameters for one in case.scenarios]:
            top.fail("is none of the variants", "smoke")
    return case


def parameters(value):
    if not isinstance(value, dict):
        raise ValueError("must be a table")
    for key, content in value.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", key):
            raise ValueError(f"{key!r} is no name for a parameter")
        scalar(content)
    return value


def scalar(value):
    if not isinstance(value, (str, int, bool)):
        raise ValueError(f"{value!r} must be text, true, false or a whole "
                         "number")
    return value


def overrides(defaults):
    def parse(value):
        for key in parameters(value):
            if key not in defaults:
                raise ValueError(f"there is no parameter {key} in [params]")
        return value
    return parse


def variants(top, defaults):
    """(label, parameters) of each: the product of every [[grid]], then every
    [[variants]]; without either, one. A label tells what varies."""
    found = []
    for grid in top.array("grid"):
        columns = []
        for key, values in grid.content.items():
            if key not in defaults:
                grid.fail("there is no such parameter in [params]", key)
            values = values if isinstance(values, list) else [values]
            if not values:
                grid.fail("is an empty list", key)
            try:
                columns.append([(key, scalar(value)) for value in values])
            except ValueError as error:
                grid.fail(str(error), key)
        found += [(None, {**defaults, **dict(point)})
                  for point in itertools.product(*columns)]
    for variant in top.array("variants"):
        label = variant.take("name", label_text, None)
        rest = {key: value for key, value in variant.content.items()
                if key != "name"}
        try:
            overrides(defaults)(rest)
        except ValueError as error:
            variant.fail(str(error))
        found.append((label, {**defaults, **rest}))
    labels = top.take("labels", parameters, {})
    for key in labels:
        if key not in defaults:
            top.fail("there is no such parameter in [params]", f"labels.{key}")
    found = found or [("", dict(defaults))]
    varied = [key for key in defaults
              if len({str(values[key]) for _, values in found}) > 1]
    return [(label if label is not None else
             "-".join(filter(None, (show(values[key], labels.get(key, "{}"))
                                    for key in varied))), values)
            for label, values in found]


def label_text(value):
    if not isinstance(value, str) \
            or not re.fullmatch(r"[A-Za-z0-9.%+_-]{1,60}", value):
        raise ValueError("must be one word")
    return value


def show(value, template):
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return template.replace("{}", re.sub(r"[^\w.%+]+", "_", text))


def substitute(value, values, used):
    """Replace "$name" by a parameter, inside text by how it is written."""
    if isinstance(value, dict):
        return {key: substitute(inner, values, used)
                for key, inner in value.items()}
    if isinstance(value, list):
        return [substitute(inner, values, used) for inner in value]
    if not isinstance(value, str):
        return value
    whole = re.fullmatch(r"\$(\w+)", value)
    if whole and whole[1] in values:
        used.add(whole[1])
        return values[whole[1]]

    def one(match):
        if match[1] not in values:
            return match[0]     # whoever reads the key will complain
        used.add(match[1])
        return str(values[match[1]])
    return re.sub(r"\$(\w+)", one, value)


# -- one variant -----------------------------------------------------------

def scenario(case, label, values, top, known_peers):
    mtu = top.take("mtu", table.integer(1280, 9600), 9000)
    offload = top.take("offload", table.boolean, False)
    sites = read_sites(top)
    everyone = top.array("flows")
    specs = [spec for spec in everyone if wanted(spec)]
    if not specs:
        top.fail("there is no flow", "flows")
    ends = [flow_ends(spec, sites) for spec in specs]
    longest = max(sites[a].take("rtt", units.duration, 0)
                  + sites[b].take("rtt", units.duration, 0)
                  for a, b in ends)

    def time(value):
        return units.duration(value, longest)

    duration = top.take("duration", time)
    warmup = top.take("warmup", time, 0)
    if not 0 < duration <= DURATION_MAX_US:
        top.fail("must be above 0 and up to 600s", "duration")
    if warmup and warmup >= duration:
        top.fail("must be shorter than the duration", "warmup")
    interval = top.take("interval", time, 0)
    if interval and not INTERVAL_MIN_US <= interval <= duration:
        top.fail(f"must be {INTERVAL_MIN_US}us and more, and no longer than "
                 "the duration", "interval")
    built = build_sites(sites, ends, mtu, offload)
    groups = read_groups(top, time, duration)
    flows = []
    for spec, (a, b) in zip(specs, ends):
        flows += read_flow(spec, a, b, built, groups, known_peers, time,
                           duration)
    if not flows:
        top.fail("the count of each is 0", "flows")
    if len(flows) > FLOWS_MAX:
        top.fail(f"{len(flows)} flows, at most {FLOWS_MAX}", "flows")
    for name in list(groups):
        if all(flow.group != name for flow in flows):
            if not any(spec.content.get("traffic", {}).get("group") == name
                       for spec in everyone):
                top.fail("no flow belongs to this group", f"groups.{name}")
            del groups[name]
    result = Scenario(
        case, label, values,
        top.take("controls", controls(known_peers), None),
        top.take("metrics", metric_names), mtu, offload, duration, warmup,
        interval, built, flows, groups)
    result.events = read_events(top, built, time, duration)
    for key in ("grid", "variants", "params", "smoke", "labels"):
        top.read.add(key)
    top.end()
    return result


def controls(known):
    def parse(value):
        for name in table.words(value):
            if name not in known:
                raise ValueError(f"unknown control {name} (known: "
                                 f"{', '.join(known)})")
        if not value:
            raise ValueError("names no control")
        return value
    return parse


def metric_names(value):
    for name in table.words(value):
        if name not in metrics.METRICS:
            raise ValueError(f"unknown metric {name} (known: "
                             f"{', '.join(metrics.METRICS)})")
    if not value:
        raise ValueError("names no metric")
    return value


def read_sites(top):
    sites = top.table("sites")
    if not 2 <= len(sites) <= SITES_MAX:
        top.fail(f"there must be 2 to {SITES_MAX} sites", "sites")
    for name, site in sites.items():
        if not re.fullmatch(r"[a-z][a-z0-9]{0,9}", name) or name == "core":
            site.fail("a site's name is a letter and up to nine more "
                      "letters or digits, and not core")
    return sites


def wanted(spec):
    """Whether a flow or an event is part of this variant: `only` begins with
    a parameter, and what follows are the values for which it is."""
    pair = spec.take("only", table.words, None)
    if pair is None:
        return True
    if len(pair) < 2:
        spec.fail('must be like ["$pattern", "ring"]', "only")
    return pair[0] in pair[1:]


def flow_ends(spec, sites):
    ends = []
    for key in ("from", "to"):
        name = spec.take(key, table.text)
        if name not in sites:
            spec.fail(f"there is no site {name}", key)
        ends.append(name)
    if ends[0] == ends[1]:
        spec.fail("goes to where it comes from", "to")
    if not sites[ends[1]].has("rate"):
        spec.fail(f"no link on the way to {ends[1]} has a rate", "to")
    return tuple(ends)


def build_sites(sites, ends, mtu, offload):
    rtts = {name: spec.take("rtt", units.duration, 0)
            for name, spec in sites.items()}
    for a, b in ends:
        if rtts[a] + rtts[b] < RTT_MIN_US:
            sites[b].fail(f"an RTT below {RTT_MIN_US} us, from {a}", "rtt")
    packet = GSO_BYTES if offload else mtu + ETHERNET
    behind = {name: site_before(spec, name, sites, rtts)
              for name, spec in sites.items()}
    # Of a link that only acknowledgements cross: the longest of all.
    longest = max(rtts[a] + rtts[b] for a, b in ends)
    return {name: build_site(
                spec, name, number, rtts[name],
                max((rtts[a] + rtts[b] for a, b in ends
                     if name in (b, behind[b])), default=longest), packet,
                behind[name])
            for number, (name, spec) in enumerate(sites.items(), 1)}


def site_before(spec, name, sites, rtts):
    """The site that this one is behind, or None."""
    before = spec.take("behind", table.text, None)
    if before is None:
        return None
    if before not in sites:
        spec.fail(f"there is no site {before}", "behind")
    if before == name or sites[before].has("behind"):
        spec.fail(f"{before} is behind a site itself", "behind")
    if rtts[before] or not sites[before].has("rate"):
        spec.fail(f"{before} must have a rate and no rtt", "behind")
    return before


def build_site(spec, name, number, rtt, path_rtt, packet, behind):
    rate = spec.take("rate", units.rate, None)
    bdp = (rate or 0) * path_rtt // (8 * 10**6)
    size = spec.take("buffer", buffer(bdp), 0)
    text = str(spec.content.get("buffer", ""))
    if rate is None:
        for key in ("buffer", "mark", "policer"):
            if spec.has(key) and spec.content[key] != "none":
                spec.fail("needs a rate", key)
    elif size < packet:
        spec.fail(f"{size} bytes, below one packet of {packet}", "buffer")
    site = Site(
        name, number, rtt, rate, size, text,
        spec.take("mark", mark(rate), None),
        spec.take("policer", policer(bdp), None),
        spec.take("loss", loss, Loss()),
        spec.take("jitter", units.duration, 0),
        spec.take("slot", units.duration, 0),
        spec.take("reorder", reorder, None),
        spec.take("duplicate", units.fraction, 0.0),
        spec.take("ack_slot", units.duration, 0), behind)
    if site.mark and site.mark.high > size:
        spec.fail("marks only above what the buffer holds", "mark")
    if site.reorder and (rtt or site.jitter_us or site.slot_us):
        spec.fail("must be at a site without rtt, jitter and slot", "reorder")
    if site.policer and site.policer[1] < packet:
        spec.fail("a burst below one packet", "policer")
    spec.end()
    return site


def buffer(bdp):
    def parse(value):
        match = re.fullmatch(rf"{units.NUMBER}bdp", value) \
            if isinstance(value, str) else None
        if match:
            return round(float(match[1]) * bdp)
        try:
            return units.size(value)
        except ValueError:
            raise ValueError(f'{value!r} is not like "250KB" or "0.5bdp"') \
                from None
    return parse


def queue_bytes(rate):
    """A threshold: a size, or the time that the link takes for it."""
    def parse(value):
        if value.endswith("B"):
            return units.size(value)
        return units.duration(value) * (rate or 0) // (8 * 10**6)
    return parse


def mark(rate):
    def parse(value):
        kind, *rest = table.text(value).split()
        if kind == "none" and not rest:
            return None
        threshold = queue_bytes(rate)
        if kind == "step" and len(rest) == 1:
            low = threshold(rest[0])
            result = Mark(kind, low, low, 1.0)
        elif kind == "red" and len(rest) == 3:
            result = Mark(kind, threshold(rest[0]), threshold(rest[1]),
                          units.fraction(rest[2]))
            if result.low >= result.high or not result.probability:
                raise ValueError(f"{value!r} has no slope")
        else:
            raise ValueError(f'{value!r} is not like "none", "step 50us", '
                             '"step 62KB" or "red 50us 150us 10%"')
        if result.low <= 0:
            raise ValueError("marks at nothing")
        return result
    return parse


def policer(bdp):
    def parse(value):
        if value == "none":
            return None
        parts = table.text(value).split()
        if len(parts) != 2:
            raise ValueError(f'{value!r} is not like "1G 250KB" or "1G 0.1bdp"')
        return units.rate(parts[0]), buffer(bdp)(parts[1])
    return parse


def loss(value):
    if value == 0 and not isinstance(value, bool):
        return Loss()
    parts = table.text(value).split()
    if len(parts) == 1:
        part = units.fraction(parts[0])
        return Loss("random", part) if part else Loss()
    if parts[0] == "burst" and len(parts) == 3:
        part, burst = units.fraction(parts[1]), float_of(parts[2])
        if 0 < part < 0.5 and burst >= 1:
            return Loss("burst", part, burst)
    raise ValueError(f'{value!r} is not like "0.1%" or "burst 0.1% 10" '
                     "(below 50 %, packets in a row)")


def float_of(text):
    if not re.fullmatch(units.NUMBER, text):
        raise ValueError(f"{text!r} is no number")
    return float(text)


def reorder(value):
    if value == "none":
        return None
    parts = table.text(value).split()
    if len(parts) != 2:
        raise ValueError(f'{value!r} is not like "1% 1ms"')
    return units.fraction(parts[0]), units.duration(parts[1])


def read_groups(top, time, duration):
    groups = {}
    for name, spec in top.table("groups").items():
        groups[name] = Group(
            spec.take("start", time, 0), spec.take("think", time, 0),
            spec.take("spread", time, 0),
            spec.take("phases", table.integer(1, 1000), 1),
            spec.take("count", table.integer(0, 10**6), 0))
        if groups[name].start_us >= duration:
            spec.fail("after the end", "start")
        spec.end()
    return groups


def read_flow(spec, a, b, sites, groups, known_peers, time, duration):
    name = spec.take("name", label_text)
    count = spec.take("count", table.integer(0, FLOWS_MAX), 1)
    start = spec.take("start", time, 0)
    stagger = spec.take("stagger", time, 0)
    stop = spec.take("stop", time, None)
    stop_stagger = spec.take("stop_stagger", time, 0)
    cc = spec.take("cc", lambda value: controls(known_peers)([value])[0],
                   None)
    traffic = read_traffic(spec.sub("traffic"), sites[b], groups, time,
                           duration)
    spec.end()
    flows = []
    for index in range(count):
        flow = Flow(name, index, a, b, cc, start + index * stagger,
                    None if stop is None else stop + index * stop_stagger,
                    **traffic)
        if flow.start_us >= duration:
            spec.fail("after the end", "start")
        if flow.stop_us is not None \
                and not flow.start_us < flow.stop_us <= duration:
            spec.fail("not between the start and the end", "stop")
        flows.append(flow)
    return flows


def read_traffic(spec, site, groups, time, duration):
    kind = spec.take("kind", table.one_of("bulk", "step", "requests"), "bulk")
    result = {"kind": kind}
    if kind == "bulk":
        result["rate"] = spec.take("rate", share(site.rate), 0)
        result["bulk_at_us"] = spec.take("bulk_at", time, 0)
        if result["bulk_at_us"] and not result["rate"]:
            spec.fail("needs a rate", "bulk_at")
        if result["bulk_at_us"] >= duration:
            spec.fail("after the end", "bulk_at")
    elif kind == "step":
        result["group"] = spec.take("group", table.one_of(*groups))
        result["bytes"] = spec.take("bytes", at_least_one)
    else:
        result["bytes"] = spec.take("bytes", at_least_one)
        load = spec.take("load", share(site.rate))
        result["per_second"] = load / 8 / result["bytes"]
        result["connections"] = spec.take("connections",
                                          table.integer(1, 1000), 16)
    spec.end()
    return result


def at_least_one(value):
    size = units.size(value)
    if size < 1:
        raise ValueError("must be above 0")
    return size


def share(rate):
    """A rate, or a part of the link's."""
    def parse(value):
        if isinstance(value, str) and value.endswith("%"):
            part = units.fraction(value)
            if not part:
                raise ValueError("must be above 0")
            return round(rate * part)
        return units.rate(value)
    return parse


CHANGES = {
    "rtt": ("rtt_us", lambda _site: units.duration),
    "rate": ("rate", lambda _site: units.rate),
    "loss": ("loss", lambda _site: loss),
    "cut": ("cut", lambda _site: table.boolean),
}


def read_events(top, sites, time, duration):
    events = []
    for spec in top.array("events"):
        if not wanted(spec):
            for key in ("at", "site", "set"):
                spec.read.add(key)
            spec.end()
            continue
        at = spec.take("at", time)
        name = spec.take("site", table.text)
        if name not in sites:
            spec.fail(f"there is no site {name}", "site")
        if not 0 < at < duration:
            spec.fail("not between the start and the end", "at")
        changes = spec.sub("set")
        values = {}
        for key, (attribute, parse) in CHANGES.items():
            if changes.has(key):
                values[attribute] = changes.take(key, parse(sites[name]))
            changes.read.add(key)
        changes.end()
        if not values:
            changes.fail("changes nothing")
        if "rate" in values and sites[name].rate is None:
            changes.fail("the site has none", "rate")
        if values.get("rtt_us", RTT_MIN_US) < RTT_MIN_US:
            changes.fail(f"below {RTT_MIN_US} us", "rtt")
        spec.end()
        events.append(Event(at, name, values))
    return sorted(events, key=lambda event: event.at_us)


def timeline(scenario, name):
    """[(from when, Site)] of a site, in the order of time."""
    site = scenario.sites[name]
    states = [(0, site)]
    for event in scenario.events:
        if event.site == name:
            site = replace(site, **event.changes)
            states.append((event.at_us, site))
    return states


def selected(scenario, known_peers, asked):
    """The controls that a scenario is run with. What somebody asked for is
    done; the default leaves out what makes no sense."""
    if asked:
        return asked
    chosen = [known_peers[name] for name in scenario.controls] \
        if scenario.controls else \
        [peer for peer in known_peers.values() if peer.default]
    return [peer for peer in chosen
            if scenario.marks or peer.where != "marks"]


