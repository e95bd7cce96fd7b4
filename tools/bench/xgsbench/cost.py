# SPDX-License-Identifier: GPL-2.0-or-later
"""What a control costs: instructions per ACK and per segment, memory per flow.

Counted on stock kernels in QEMU, whose virtual clock ticks once an
instruction. cost/tcp_cost.c counts inside the control's operations,
cost/measure around a transfer of the whole guest."""

import argparse
import concurrent.futures
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from . import charts, paths, peers, results
from .charts import Group, Look, Panel, Stat
from .errors import BenchError
from .guest import processors
from .report import (OUT, SPDX, filled, heading, read_text, replace,
                     simple_table)

from xgslab import kernels, modules, tools
from xgslab.errors import LabError

HERE = paths.BENCH / "cost"
RECORDS = paths.BUILD / "cost.jsonl"
KERNELS = ("6.1", "6.12")
CONTROLS = ("xgs", "reno", "cubic", "bbr", "dctcp")
REFERENCE = "reno"
# Connections: peers, how many of them send at a time, bytes of each.
WORK = {1: (1, 1, 200_000_000), 100: (100, 100, 2_000_000),
        10000: (100, 100, 40_000)}
# Idle connections to one peer, and to as many peers.
PATHS = 2000
# With fewer connections, what else the kernel allocates shows.
MANY = 1000
MEMORY_MB = 2048
TIMEOUT_S = 3600
# Operations of that many instructions, and how far off the count may be.
KNOWN = (1000, 3000)
TOLERANCE = 0.001
# Once a connection, not once an ACK.
SETUP = ("init", "release")
CALIBRATION = ("empty", *map(str, KNOWN))


# --- measuring --------------------------------------------------------------

def build_modules(kernel, top, *files):
    """A folder that a guest is given, with these files of cost/."""
    source = top / "src"
    for name in ("include", "rdma_xgs"):
        shutil.copytree(paths.REPO / name, source / name)
    shutil.copy(paths.REPO / "Kbuild.compat", source)
    shutil.copytree(HERE, source / "cost")
    # Part of what a guest counts: no temporary folder's name may be in it.
    modules.make(kernel, source / "cost",
                 KCFLAGS=f"-ffile-prefix-map={source}=.")
    guest = top / "cost"
    guest.mkdir()
    for file in files:
        shutil.copy(source / "cost" / file, guest)
    return guest


def build(kernel, top):
    """The module and the generator."""
    guest = build_modules(kernel, top, "tcp_cost.ko", "measure")
    done = subprocess.run(
        [tools.find("gcc", "gcc"), "-O2", "-static", "-o", guest / "load",
         HERE / "load.c"], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False)
    if done.returncode:
        raise BenchError(f"load.c does not compile: {done.stderr.strip()}")
    return guest


class Guests:
    """Some at a time; when one fails, none goes on."""

    def __init__(self, top, flows):
        self.top = top
        self.work = [":".join(map(str, (n, WORK[n][0], n, *WORK[n][1:])))
                     for n in flows]
        self.work += [f"one:1:{PATHS}:1:0", f"many:{PATHS}:{PATHS}:1:0"]
        self.flows = flows
        self.lock = threading.Lock()
        self.running = set()
        self.stopped = False

    def run(self, name, guest, control, seed):
        """The records of one guest."""
        out = self.top / f"out-{name}-{control}-{seed}"
        argv = [paths.LAB / "lab", "run", "--kernel", name, "--seed", seed,
                "--mem", MEMORY_MB, "--timeout", TIMEOUT_S, "--out", out,
                "--add", f"{guest}:cost", "--", "cost/measure", control,
                *self.work]
        with self.lock:
            if self.stopped:
                raise BenchError("stopped")
            process = subprocess.Popen(
                list(map(str, argv)), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                errors="replace")
            self.running.add(process)
        said = process.communicate()[0].strip()
        with self.lock:
            self.running.discard(process)
        where = f"{control} on {name}, seed {seed}"
        if process.returncode:
            last = said.splitlines()[-1] if said else "it said nothing"
            raise BenchError(f"{where}: the guest failed: {last}")
        try:
            return [record(out, control, seed, n) for n in self.flows]
        except (OSError, KeyError, ValueError, ZeroDivisionError) as error:
            raise BenchError(f"{where}: no good measurement ({error!r})") \
                from None

    def stop(self):
        with self.lock:
            self.stopped = True
            for process in self.running:
                process.terminate()


def snapshot(path):
    """{word: values} of what measure wrote."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, *values = line.split()
        found[name.rstrip(":")] = values
    return found


def record(out, control, seed, flows):
    before, opened, sent = (snapshot(out / f"{flows}-{word}")
                            for word in ("before", "open", "sent"))
    load = snapshot(out / f"{flows}-load")
    if int(sent["escaped"][0]):
        raise ValueError("sockets that were not measured")
    empty = calibration(sent)
    operations = {
        name: operation(values, empty) for name, values in sent.items()
        if name not in CALIBRATION and values and ":" in values[-1]}
    acks = int(sent["acks"][0])
    segments = int(sent["TcpOutSegs"][0]) - int(opened["TcpOutSegs"][0])
    inside = sum(one["instructions"] for name, one in operations.items()
                 if name not in SETUP)
    one, many = (slab_of(snapshot(out / f"{word}-open"))
                 - slab_of(snapshot(out / f"{word}-before"))
                 for word in ("one", "many"))
    return {
        "cc": control, "seed": seed, "flows": flows, "acks": acks,
        "segments": segments,
        "retransmitted": int(sent["TcpRetransSegs"][0])
        - int(opened["TcpRetransSegs"][0]),
        "per_ack": round(inside / acks, 2),
        "per_segment": round(inside / segments, 2),
        "per_connection": round(sum(
            operations[name]["instructions"] for name in SETUP
            if name in operations) / flows, 1),
        "guest_per_segment": round(int(load["busy_ns"][0]) / segments, 1),
        "guest_per_ack": round(int(load["busy_ns"][0]) / acks, 1),
        "operations": operations,
        "pair_bytes": round((slab_of(opened) - slab_of(before)) / flows)
        if flows >= MANY else None,
        "peer_bytes": round((many - one) / PATHS),
    }


def slab_of(counts):
    return int(counts["slab"][0])


def calibration(counts):
    """What an empty operation is measured as; known ones must be right."""
    ticks = {name: int(counts[name][1]) / int(counts[name][0])
             for name in CALIBRATION}
    for known in KNOWN:
        found = ticks[str(known)] - ticks["empty"]
        if abs(found - known) > TOLERANCE * known:
            raise ValueError(f"{known} instructions are measured as "
                             f"{found:.1f}")
    return ticks["empty"]


def operation(values, empty):
    calls = int(values[0])
    counts = [tuple(map(int, pair.split(":"))) for pair in values[2:]]
    middle, seen = 0, 0
    for middle, count in counts:
        seen += count
        if 2 * seen >= calls:
            break
    return {"calls": calls, "instructions": round(int(values[1])
                                                  - calls * empty),
            "median": round(middle - empty),
            "most": round(counts[-1][0] - empty)}


def measure(asked):
    paths.BUILD.mkdir(parents=True, exist_ok=True)
    top = Path(tempfile.mkdtemp(prefix="cost-", dir=paths.BUILD))
    try:
        return measure_in(top, asked)
    finally:
        shutil.rmtree(top, ignore_errors=True)


def measure_in(top, asked):
    kernels_of, guests_of = {}, {}
    for name in asked.kernel:
        say(f"building for {name}")
        kernels_of[name] = kernels.kernel(name)
        guests_of[name] = build(kernels_of[name], top / name)
    jobs = [(name, control, seed) for name in asked.kernel
            for control in asked.cc for seed in range(1, asked.seeds + 1)]
    git = results.describe()
    say(f"{len(jobs)} guests, {asked.jobs} at a time")
    guests = Guests(top, asked.flows)
    found = []
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        futures = {pool.submit(guests.run, name, guests_of[name], control,
                               seed): (name, control, seed)
                   for name, control, seed in jobs}
        try:
            for future in concurrent.futures.as_completed(futures):
                name, control, seed = futures[future]
                found += [{"kernel": name,
                           "release": kernels_of[name].release,
                           "git": git, **each}
                          for each in future.result()]
                say(f"[{len(found) // len(asked.flows)}/{len(jobs)}] "
                    f"{control} on {name}, seed {seed}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            guests.stop()
            raise
    return sorted(found, key=lambda r: (KERNELS.index(r["kernel"]),
                                        r["flows"], r["cc"], r["seed"]))


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


# --- the page ---------------------------------------------------------------

class Costs:
    """Records, by kernel, connections and control."""

    def __init__(self, records):
        self.records = records
        self.kernels = list(dict.fromkeys(
            (r["kernel"], r["release"]) for r in records))
        self.flows = sorted({r["flows"] for r in records})
        self.seeds = sorted({r["seed"] for r in records})
        used = {r["cc"] for r in records}
        self.controls = sorted(used, key=lambda c: (
            CONTROLS.index(c) if c in CONTROLS else len(CONTROLS), c))
        known = peers.load()
        spare = iter(charts.SPARE * len(used))
        self.looks = {c: Look(known[c].label, known[c].colour) if c in known
                      else Look(c, next(spare)) for c in self.controls}

    def of(self, kernel, flows, control):
        return [r for r in self.records
                if (r["kernel"], r["flows"], r["cc"])
                == (kernel, flows, control)]

    def stat(self, key, kernel, flows, control):
        values = sorted(r[key] for r in self.of(kernel, flows, control)
                        if r[key] is not None)
        if not values:
            return None
        return Stat(values[(len(values) - 1) // 2], values[0], values[-1])


def text_of(stat):
    if stat is None:
        return "-"
    text, low, high = (f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}"
                       for value in (stat.median, stat.low, stat.high))
    return text if low == high else f"{text} ({low} to {high})"


def table(costs, key, kernel):
    head = ["connections", *(costs.looks[c].label for c in costs.controls)]
    rows = [[f"{flows:,}", *(text_of(costs.stat(key, kernel, flows, c))
                             for c in costs.controls)]
            for flows in costs.flows]
    return [*simple_table(head, rows), ""]


def chart(costs, key, title, subtitle):
    panels = [Panel(f"Linux {release}",
                    [Group(f"{flows:,} connection{'s' * (flows > 1)}",
                           {c: stat for c in costs.controls
                            if (stat := costs.stat(key, name, flows, c))})
                     for flows in costs.flows])
              for name, release in costs.kernels]
    return charts.bars(title, subtitle, [("", panels)], costs.looks,
                       "make bench-cost")


def operations_table(costs, kernel, flows):
    """The operations of one seed, with what they take."""
    rows = []
    for control in costs.controls:
        for record in costs.of(kernel, flows, control)[:1]:
            for name, one in sorted(record["operations"].items()):
                mean = one["instructions"] / one["calls"]
                rows.append([costs.looks[control].label, name,
                             f"{one['calls']:,}", f"{mean:.1f}",
                             str(one["median"]), str(one["most"])])
    return [*simple_table(["control", "operation", "calls", "mean", "median",
                           "most"], rows), ""]


def memory_table(costs, kernel):
    """Of the largest number of connections: there slabs are full."""
    flows = costs.flows[-1]
    rows = []
    for control in costs.controls:
        pair = costs.stat("pair_bytes", kernel, flows, control)
        peer = costs.stat("peer_bytes", kernel, flows, control)
        # The rest is the kernel's: a route, for one.
        base = costs.stat("peer_bytes", kernel, flows, REFERENCE)
        less = base.median if base else 0
        rows.append([costs.looks[control].label, text_of(pair), text_of(
            peer and Stat(*(v - less for v in (peer.median, peer.low,
                                               peer.high))))])
    return [*simple_table(["control", "pair of sockets",
                           "peer, above Reno's"], rows), ""]


def page(costs):
    lines = [SPDX, "", *heading("What xgs costs", over=True)]
    lines += filled(
        "Instructions and memory on stock Debian kernels in QEMU, whose clock "
        "counts instructions. The same seed gives the same counts on any "
        "machine, but for a call or two (QEMU on a busy host is late with an "
        "interrupt now and then) and some tens of bytes. xgs is "
        + " and ".join(sorted({r["git"] for r in costs.records})) + ".")
    lines += ["All of this page::", "", "\tmake bench-cost", ""]
    lines += heading("Instructions in the control")
    lines += filled(
        "All operations of the control that a transfer calls (cong_control, "
        "cong_avoid, pkts_acked, in_ack_event, cwnd_event, set_state, "
        "ssthresh, undo_cwnd, min_tso_segs, sndbuf_expand), divided by the "
        "ACKs that the sender got. What the stack does itself for a control "
        "without cong_control, such as the pacing rate, is not in it; the "
        "figures of the whole kernel below have everything.")
    lines += image("cost-ack.svg", "Instructions per ACK, in the control.")
    for name, release in costs.kernels:
        lines += [*title(f"Per ACK, Linux {release}"),
                  *table(costs, "per_ack", name),
                  *title(f"Per segment sent, Linux {release}"),
                  *table(costs, "per_segment", name),
                  *title("Per connection, once (init, release), Linux "
                         f"{release}"),
                  *table(costs, "per_connection", name)]
    lines += heading("Instructions in the whole guest")
    lines += filled(
        "All that the CPU did from the first byte to the last, divided by the "
        "segments sent: the sender's and the receiver's stack, the router "
        "between them, and the programs. A control that sends smaller bursts "
        "pays here.")
    lines += image("cost-guest.svg",
                   "Instructions per segment, in the whole guest.")
    for name, release in costs.kernels:
        lines += [*title(f"Per segment, Linux {release}"),
                  *table(costs, "guest_per_segment", name)]
    lines += heading("Memory")
    lines += filled(
        f"Bytes of slab objects for an open connection, of {costs.flows[-1]:,}: both "
        "sockets, since both ends are in the guest, with their files. And for "
        f"each more peer that connections go to, of {PATHS:,}, what is above "
        "Reno's: xgs's entry in its path table; what controls without one "
        "show is noise. A control's own state is inside the socket.")
    for name, release in costs.kernels:
        lines += [*title(f"Bytes, Linux {release}"),
                  *memory_table(costs, name)]
    lines += heading("Where the instructions go")
    lines += filled(
        "Each operation, of seed "
        f"{costs.seeds[0]}, with {costs.flows[-1]:,} connections on Linux "
        f"{costs.kernels[0][1]}: calls, and instructions of a call.")
    lines += operations_table(costs, costs.kernels[0][0], costs.flows[-1])
    lines += how(costs)
    return "\n".join(lines).rstrip() + "\n"


def title(text):
    return [text, "-" * len(text), ""]


def image(file, caption):
    return [f".. image:: {file}", f"   :alt: {caption}", ""]


def how(costs):
    lines = heading("How this was measured")
    lines += filled(
        "One CPU, -icount shift=0: an instruction is a nanosecond and a tick "
        "of the TSC. ``tools/bench/cost/tcp_cost.c`` is a control that calls "
        "another one's operations with interrupts off and reads the TSC "
        "around them. An empty operation, measured in the same way, is "
        f"subtracted; operations of {KNOWN[0]} and {KNOWN[1]} instructions "
        f"must be measured to {TOLERANCE:.1%}, or there is no result. So a "
        "call is exact to the instruction; what varies from seed to seed is "
        "which calls a transfer makes, hence the ranges in parentheses "
        f"({len(costs.seeds)} seed{'s' * (len(costs.seeds) > 1)}).")
    lines += filled(
        "Instructions are not cycles: cache misses and mispredicted branches "
        "are not in it.")
    rows = [[f"{flows:,}", f"{WORK[flows][0]:,}", f"{WORK[flows][1]:,}",
             f"{WORK[flows][2]:,}"] for flows in costs.flows]
    lines += filled("The transfers, from a host with fq over 2 Gbit/s, 2 ms "
                    "and a buffer of 4 MB, MTU 1500, segmentation offload on:")
    lines += [*simple_table(["connections", "peers", "sending at a time",
                             "bytes of each"], rows), ""]
    return lines


def write_page(records, out):
    costs = Costs(records)
    seeds = f"{len(costs.seeds)} seeds: median, and a line from the lowest " \
        "to the highest" if len(costs.seeds) > 1 else f"seed {costs.seeds[0]}"
    files = {
        "cost-ack.svg": chart(costs, "per_ack", "Instructions per ACK, in "
                              "the control", seeds),
        "cost-guest.svg": chart(costs, "guest_per_segment", "Instructions "
                                "per segment, in the whole guest", seeds),
        "cost.rst": page(costs)}
    replace(out, files, "*")
    print(f"{paths.show(out / 'cost.rst')}: {len(records)} records")


def write_records(path, records):
    results.replace(path, "".join(
        json.dumps(r, separators=(",", ":")) + "\n" for r in records))


def read_records(path, command):
    text = read_text(path, f"run `{command}`")
    if not text.endswith("\n"):
        raise BenchError(f"{paths.show(path)}: the last record is cut off")
    try:
        return [json.loads(line) for line in text.splitlines()]
    except ValueError as error:
        raise BenchError(f"{paths.show(path)}: {error}") from None


# --- the command line -------------------------------------------------------

def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="bench cost", description="Instructions and memory of "
        "congestion controls, on stock kernels.")
    parser.add_argument("--cc", nargs="+", default=list(CONTROLS),
                        metavar="NAME", help="default: "
                        + " ".join(CONTROLS))
    parser.add_argument("--flows", nargs="+", type=int, choices=WORK,
                        default=list(WORK))
    parser.add_argument("--jobs", type=int, choices=range(1, 257),
                        default=processors(), metavar="N",
                        help="guests at a time (default: all processors)")
    add_common(parser, 3, RECORDS)
    return parser.parse_args(argv)


def add_common(parser, seeds, records):
    """What all commands about cost have."""
    parser.add_argument("--kernel", nargs="+", choices=KERNELS,
                        default=list(KERNELS))
    parser.add_argument("--seeds", type=int, choices=range(1, 100),
                        default=seeds, metavar="N")
    parser.add_argument("--page-only", action="store_true",
                        help="write the page again from what was measured")
    parser.add_argument("--records", type=Path, default=records,
                        metavar="FILE", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=OUT, metavar="FOLDER",
                        help=argparse.SUPPRESS)


def main(argv):
    asked = arguments(argv)
    try:
        if not asked.page_only:
            write_records(asked.records, measure(asked))
        write_page(read_records(asked.records, "make bench-cost"), asked.out)
    except LabError as error:
        raise BenchError(str(error)) from None
    return 0
