# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest is given for one run: setup.sh, which builds the topology, and
plan.json, which tells flowgen what to do.

A star of network namespaces. Each site S has its hosts in one namespace and a
gateway in another; gateways meet in the namespace core:

    S  gw --- host  gw-S  core --- gw-S  core

core -> gw-S is the bottleneck towards S: tbf, and below it the queue (and a
policer before it). gw-S -> S is netem with half of the site's RTT, loss,
reordering and the like: what data on their way to S meet. gw-S -> core is
netem with the other half: what the acknowledgements of S, or its data, meet
on their way out. Nothing else queues or delays.

The gateway of a site that is behind another one hangs from the other's gateway
instead of the core, and data cross both links."""

import json
import random

from . import units
from .case import GSO_BYTES, timeline

LONG = 10**6        # packets: a queue that must never be full
QUEUE_SAMPLES = 10000
QUEUE_INTERVAL_MIN_US = 20
SERIES_POINTS = 500
SERIES_POINTS_IN_ALL = 60000
SERIES_MIN_US = 1000
FIRST_PORT = 5001
HOST_PLAIN, HOST_ECN, HOST_GATEWAY = 1, 2, 254
BUFFER_MAX = 2**31 - 1
PAGE = 4096
# tc's red knows 32 bits of bytes per second; it forgets by that when idle.
RED_RATE_MAX = 32 * 10**9


def series_us(scenario):
    """The interval of time series: whole milliseconds, or what the case asks for
    where that is shorter and not too many points."""
    points = min(SERIES_POINTS,
                 max(100, SERIES_POINTS_IN_ALL // len(scenario.flows)))
    step = -(-scenario.duration_us // points)
    step = -(-step // SERIES_MIN_US) * SERIES_MIN_US
    if not scenario.interval_us:
        return step
    shortest = -(-scenario.duration_us * len(scenario.flows)
                 // SERIES_POINTS_IN_ALL)
    return min(step, max(scenario.interval_us, shortest))


def queue_interval_us(scenario):
    measured = scenario.duration_us - scenario.warmup_us
    return max(QUEUE_INTERVAL_MIN_US, measured // QUEUE_SAMPLES)


def memory_mb(scenario):
    """Of the guest: what may be under way several times over."""
    queued = sum(site.buffer for site in scenario.bottlenecks)
    megabytes = 512 + 6 * (scenario.bdp + queued) // 10**6 \
        + 2 * len(scenario.flows)
    return min(-(-megabytes // 256) * 256, 12288)


# -- setup.sh --------------------------------------------------------------

def address(site, host=HOST_PLAIN):
    return f"10.77.{site.number}.{host}"


def mac(site, device):
    return f"02:77:00:00:{site.number:02x}:{device:02x}"


def link_netns(site):
    """The namespace that the link towards a site begins in."""
    return f"gw-{site.behind}" if site.behind else "core"


def netem(delay_us, site, towards):
    """netem's words; `towards` the site is where it loses and jitters."""
    words = ["netem", "limit", str(LONG), "delay", f"{delay_us}us"]
    if site.cut:
        return [*words, "loss", "random", "100%"]
    if not towards:
        if site.ack_slot_us:
            words += ["slot", f"{site.ack_slot_us}us", f"{site.ack_slot_us}us"]
        return words
    if site.reorder:
        # A packet in `part` is late, all others skip the delay.
        part, late = site.reorder
        words[-1] = f"{late}us"
        words += ["reorder", units.percent(1 - part)]
    elif site.jitter_us:
        # What netem is told is the middle and how far it strays from it.
        half = site.jitter_us // 2
        words[-1:] = [f"{delay_us + half}us", f"{half}us"]
    if site.loss.kind == "random":
        words += ["loss", "random", units.percent(site.loss.part)]
    elif site.loss.kind == "burst":
        leave = 1 / site.loss.burst
        enter = leave * site.loss.part / (1 - site.loss.part)
        words += ["loss", "gemodel", units.percent(enter),
                  units.percent(leave)]
    if site.duplicate:
        words += ["duplicate", units.percent(site.duplicate)]
    if site.slot_us:
        words += ["slot", "0us", f"{site.slot_us}us"]
    return words


def tbf(site, scenario):
    # Two packets: what a link has sent when it takes the next.
    burst = 2 * (GSO_BYTES if scenario.offload else scenario.packet)
    return ["tbf", "rate", f"{site.rate}bit", "burst", str(burst), "limit",
            str(site.buffer)]


def red(site, scenario):
    """RED in bytes. A step is RED without memory and without a slope, as
    switches do it; what cannot be marked passes."""
    packet = GSO_BYTES if scenario.offload else scenario.packet
    mark = site.mark
    step = mark.kind == "step"
    high = mark.low + 1 if step else mark.high
    packets = -(-mark.low // packet) if step \
        else -(-(2 * mark.low + high) // (3 * packet))
    return ["red", "limit", str(site.buffer), "min", str(mark.low), "max",
            str(high), "avpkt", str(packet), "burst", str(packets),
            "bandwidth", f"{min(site.rate, RED_RATE_MAX)}bit", "probability",
            f"{mark.probability:g}", "ecn", *(["nodrop"] if step else [])]


def site_commands(site, scenario):
    """tc's commands that depend on what events may change: [(netns, words)];
    `verb` is for the caller to fill in."""
    commands = [
        (f"gw-{site.name}", ["dev", "host", "root", "handle", "1:",
                             *netem(site.rtt_us - site.rtt_us // 2, site,
                                    True)]),
        (f"gw-{site.name}", ["dev", "core", "root", "handle", "1:",
                             *netem(site.rtt_us // 2, site, False)])]
    if site.rate:
        device = ["dev", f"gw-{site.name}"]
        space = link_netns(site)
        commands.append((space, [*device, "root", "handle", "1:",
                                 *tbf(site, scenario)]))
        if site.mark:
            commands.append((space, [*device, "parent", "1:1", "handle",
                                     "10:", *red(site, scenario)]))
    return commands


def buffers(scenario):
    """Socket buffers that never limit: (largest, total in pages)."""
    largest = min(BUFFER_MAX, 16 * 2**20 + 8 * scenario.bdp)
    return largest, memory_mb(scenario) * 2**20 // PAGE


def setup(scenario, ccs):
    """The text of setup.sh; `ccs` are the peers of the run."""
    largest, pages = buffers(scenario)
    lines = [
        "#!/bin/bash",
        "# SPDX-License-Identifier: GPL-2.0-or-later",
        "set -eu",
        "here=$(cd \"$(dirname \"$0\")\" && pwd)",
        f"sysctl -qw net.core.netdev_max_backlog={LONG} "
        f"net.ipv4.tcp_mem='{pages} {pages} {pages}'",
    ]
    lines += [f"insmod \"$here/modules/{name}.ko\""
              for name in module_names(ccs)]
    tunables = dict(item for peer in ccs for item in peer.tunables)
    lines += [f"echo {value} > /sys/kernel/xgs/{name}"
              for name, value in tunables.items()]
    sites = list(scenario.sites.values())
    spaces = ["core", *(f"gw-{site.name}" for site in sites),
              *(site.name for site in sites)]
    lines += [f"ip netns add {name}" for name in spaces]
    lines.append("for name in " + " ".join(spaces) + "; do")
    lines.append("\tnsenter --net=\"/run/netns/$name\" -- sysctl -qw "
                 "net.ipv6.conf.all.disable_ipv6=1 "
                 "net.ipv6.conf.default.disable_ipv6=1 "
                 "net.ipv4.ip_forward=1")
    lines.append("done")
    for site in sites:
        lines += site_links(site, scenario, sites)
    lines += [f"ip -n core route add 10.77.{site.number}.0/24 via "
              f"10.78.{scenario.sites[site.behind].number}.2"
              for site in sites if site.behind]
    wanted = dict(item for peer in ccs for item in peer.sysctls)
    values = {
        "net.ipv4.tcp_no_metrics_save": "1",
        "net.ipv4.tcp_rmem": f"4096 {min(largest, 2**22)} {largest}",
        "net.ipv4.tcp_wmem": f"4096 {min(largest, 2**20)} {largest}",
        **wanted}
    words = " ".join(f"'{name}={value}'" for name, value in values.items())
    for site in sites:
        lines.append(f"nsenter --net=/run/netns/{site.name} -- sysctl -qw "
                     + words)
    for site in sites:
        for space, command in site_commands(site, scenario):
            lines.append(f"tc -n {space} qdisc add " + " ".join(command))
        if site.policer:
            rate, burst = site.policer
            device = f"tc -n {link_netns(site)} %s dev gw-{site.name}"
            lines.append(device % "qdisc add" + " clsact")
            lines.append(device % "filter add" + " egress matchall action "
                         f"police rate {rate}bit burst {burst} mtu 128kb "
                         "conform-exceed drop/pass")
    # A flow that fails makes it fail too, and is in the records it leaves.
    lines.append("\"$here/flowgen\" \"$here/plan.json\" "
                 "\"$XGS_OUT/flowgen.jsonl\" || "
                 "[ -e \"$XGS_OUT/flowgen.jsonl\" ]")
    return "\n".join(lines) + "\n"


def module_names(ccs):
    """What to load, in order; a path's module is its file's name."""
    found = []
    for peer in ccs:
        for module in peer.modules:
            name = module if isinstance(module, str) else module.stem
            if name not in found:
                found.append(name)
    return found


def site_links(site, scenario, sites):
    """The namespaces of a site, joined to each other and to the core. Nobody
    has to ask for a hardware address: the answer would be late, or lost."""
    name, gateway, before = site.name, f"gw-{site.name}", link_netns(site)
    number, mtu = site.number, scenario.mtu
    core = f"10.78.{number}"
    rows = {name: [], gateway: [], before: []}
    rows[name] += [
        f"link add gw mtu {mtu} address {mac(site, 1)} type veth peer name "
        f"host mtu {mtu} address {mac(site, 2)} netns {gateway}",
        "link set lo up", "link set gw up",
        f"address add {address(site)}/24 dev gw",
        f"address add {address(site, HOST_ECN)}/24 dev gw",
        f"neigh add {address(site, HOST_GATEWAY)} lladdr {mac(site, 2)} "
        "dev gw nud permanent",
        f"route add default via {address(site, HOST_GATEWAY)}",
        # Controls that should ask for ECN do it by where they connect to.
        *(f"route add {address(other, HOST_ECN)}/32 via "
          f"{address(site, HOST_GATEWAY)} features ecn"
          for other in sites if other is not site)]
    rows[before] += [
        f"link add gw-{name} mtu {mtu} address {mac(site, 4)} type veth peer "
        f"name core mtu {mtu} address {mac(site, 3)} netns {gateway}",
        f"link set gw-{name} up", f"address add {core}.1/24 dev gw-{name}",
        f"neigh add {core}.2 lladdr {mac(site, 3)} dev gw-{name} "
        "nud permanent",
        f"route add 10.77.{number}.0/24 via {core}.2"]
    rows[gateway] += [
        "link set host up", "link set core up",
        f"address add {address(site, HOST_GATEWAY)}/24 dev host",
        f"address add {core}.2/24 dev core",
        *(f"neigh add {address(site, host)} lladdr {mac(site, 1)} dev host "
          "nud permanent" for host in (HOST_PLAIN, HOST_ECN)),
        f"neigh add {core}.1 lladdr {mac(site, 4)} dev core nud permanent",
        f"route add default via {core}.1"]
    # Links first: the gateway's devices come from both sides.
    lines = []
    for space in (name, before, gateway):
        lines.append(f"ip -n {space} -batch - <<-EOF")
        lines += [f"\t{row}" for row in rows[space]]
        lines.append("EOF")
    if not scenario.offload:
        for space, device in ((name, "gw"), (gateway, "host"),
                              (gateway, "core"), (before, f"gw-{name}")):
            lines.append(f"nsenter --net=/run/netns/{space} -- ethtool -K "
                         f"{device} tso off gso off gro off")
    lines.append(f"tc -n {name} qdisc add dev gw root fq limit {LONG} "
                 f"flow_limit {LONG}")
    return lines


# -- plan.json -------------------------------------------------------------

def plan(scenario, peer, known_peers, seed):
    """flowgen's orders."""
    chance = random.Random(f"{scenario.case} {scenario.variant} {seed}")
    flows = [flow_order(scenario, number, flow, peer, known_peers, chance)
             for number, flow in enumerate(scenario.flows)]
    return {
        "seed": seed,
        "end_us": scenario.duration_us,
        "warm_us": scenario.warmup_us,
        "series_us": series_us(scenario),
        "queues": [{"name": site.name, "netns": link_netns(site),
                    "dev": f"gw-{site.name}", "handle": "1:",
                    "interval_us": queue_interval_us(scenario),
                    "start_us": scenario.warmup_us}
                   for site in scenario.bottlenecks],
        "flows": flows,
        "groups": {name: {"start_us": group.start_us,
                          "think_us": group.think_us,
                          "spread_us": group.spread_us,
                          "phases": group.phases, "count": group.count}
                   for name, group in scenario.groups.items()},
        "events": events(scenario),
    }


def control_of(flow, peer, known_peers):
    return known_peers[flow.cc] if flow.cc else peer


def run_peers(scenario, peer, known_peers):
    """Every control of a run, without repetition."""
    return list(dict.fromkeys([peer, *(control_of(flow, peer, known_peers)
                                       for flow in scenario.flows)]))


def flow_order(scenario, number, flow, peer, known_peers, chance):
    mine = control_of(flow, peer, known_peers)
    site = scenario.sites[flow.to]
    start = flow.start_us
    if flow.kind == "bulk":
        # Seeds differ by when exactly flows begin.
        start += chance.randrange(scenario.rtt_us(flow))
    order = {
        "name": flow.name, "from": flow.source, "to": flow.to,
        "address": address(site, HOST_ECN if mine.ecn else HOST_PLAIN),
        "port": FIRST_PORT + number, "cc": mine.cc, "start_us": start,
    }
    if flow.stop_us is not None:
        order["stop_us"] = max(flow.stop_us, start + 1)
    traffic = {"kind": flow.kind}
    if flow.kind == "bulk" and flow.rate:
        traffic["rate_bps"] = flow.rate
        if flow.bulk_at_us:
            traffic["bulk_at_us"] = flow.bulk_at_us
    elif flow.kind == "step":
        traffic.update(group=flow.group, bytes=flow.bytes)
    elif flow.kind == "requests":
        traffic.update(bytes=flow.bytes, rate_per_s=flow.per_second,
                       connections=flow.connections)
    order["traffic"] = traffic
    return order


def events(scenario):
    orders = []
    for name in scenario.sites:
        states = timeline(scenario, name)
        for (_, before), (at, after) in zip(states, states[1:]):
            old = site_commands(before, scenario)
            for place, command in enumerate(site_commands(after, scenario)):
                if command == old[place]:
                    continue
                space, words = command
                orders.append({"at_us": at, "netns": space,
                               "argv": ["tc", "qdisc", "change", *words]})
    return sorted(orders, key=lambda order: order["at_us"])


def text(orders):
    return json.dumps(orders, indent=1) + "\n"


# -- what a run will cost --------------------------------------------------

# Seconds of CPU on the machine this was written on; only their ratios matter
# to the time left.
START_SECONDS = 1.5
PACKET_SECONDS = 10e-6
BYTE_SECONDS = 0.5e-9


def cost(scenario):
    """An estimate of a run's seconds of CPU, if links are full."""
    moved = 0
    for site in scenario.bottlenecks:
        flows = [flow for flow in scenario.flows
                 if site.name in scenario.links(flow)]
        if all(flow.kind == "requests" for flow in flows):
            rate = sum(flow.per_second * flow.bytes * 8 for flow in flows)
        else:
            rate = site.capacity
        if all(flow.kind == "step" for flow in flows):
            rate *= busy(scenario, flows)
        moved += rate / 8 * scenario.duration_us / 1e6
    if scenario.offload:
        return START_SECONDS + moved * BYTE_SECONDS
    return START_SECONDS + moved / scenario.packet * PACKET_SECONDS


def busy(scenario, flows):
    """The part of the time in which steps are under way."""
    group = scenario.groups[flows[0].group]
    size = sum(flow.bytes for flow in flows if flow.group == flows[0].group)
    rate = scenario.sites[flows[0].to].capacity
    step = group.phases * (size * 8e6 / rate + scenario.rtt_us(flows[0]))
    return step / (step + group.think_us)
