# SPDX-License-Identifier: GPL-2.0-or-later
"""What the hooks of rdma_xgs cost: instructions per packet.

Counted on stock kernels in QEMU, whose virtual clock ticks once an
instruction. cost/rdma_cost.c calls the hooks, cost/measure-rdma sets up what
is around them in the guest."""

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import paths, results
from .cost import (add_common, build_modules, calibration, operation,
                   read_records, say, snapshot, title, write_records)
from .errors import BenchError
from .report import SPDX, filled, heading, replace, simple_table

from xgslab import kernels
from xgslab.errors import LabError

RECORDS = paths.BUILD / "cost-rdma.jsonl"
FLOWS = (1, 1000, 60000)
RTTS = (50, 30000)
MESSAGES = 20000
# Of a message, and what answers it, as rdma_cost.c sends them.
DATA = 15
MEMORY_MB = 4096
TIMEOUT_S = 1800
# An entry that nobody uses for so long is dropped.
IDLE_NS = 5_000_000_000
MISSING = 0.01
TARGETS = {"TX": 600, "RX": 400}
# The operations, and what they are.
KINDS = {
    "tx_data": "sent: data",
    "tx_data_ackreq": "sent: data that asks for an ACK",
    "tx_ack": "sent: ACK",
    "tx_data_turn": "sent: data, each flow of the table once",
    "rx_data": "received: data",
    "rx_data_ce": "received: data, marked, too soon for a CNP",
    "rx_ack": "received: ACK",
    "rx_ack_sample": "received: ACK that ends an RTT sample",
    "rx_cnp": "received: CNP"}


# --- measuring --------------------------------------------------------------

def mean(operations, *names):
    calls = sum(operations[name]["calls"] for name in names)
    return sum(operations[name]["instructions"] for name in names) / calls


def record(out, flows, rtt):
    counts = snapshot(out / f"{flows}-{rtt}")
    stats = snapshot(out / f"{flows}-{rtt}-stats")
    empty = calibration(counts)
    operations = {name: operation(counts[name], empty) for name in KINDS}
    for table in ("flows", "qps"):
        if int(counts[table][0]) < (1 - MISSING) * flows:
            raise ValueError(f"{counts[table][0]} {table} of {flows}")
    if flows > int(counts["connected"][0]) and \
            int(counts["took_ns"][0]) > IDLE_NS:
        raise ValueError("entries have expired meanwhile")
    if int(stats["packets_unpaced"][0]):
        raise ValueError("packets were not paced")
    return {
        "flows": flows, "rtt_us": rtt,
        # A message is data of which the last packet is answered; a host that
        # sends one hears an ACK, one that receives one sends it.
        "TX": round(mean(operations, "tx_data", "tx_data_ackreq"), 1),
        "RX": round(mean(operations, "rx_data"), 1),
        "sender": round(mean(operations, "tx_data", "tx_data_ackreq",
                             "rx_ack_sample"), 1),
        "receiver": round(mean(operations, "rx_data", "tx_ack"), 1),
        "operations": operations}


def guest(name, built, top, asked, seed):
    out = top / f"out-{name}-{seed}"
    work = [f"{flows}:{rtt}" for flows in asked.flows for rtt in asked.rtt]
    argv = [paths.LAB / "lab", "run", "--kernel", name, "--rdma", "--seed",
            seed, "--mem", MEMORY_MB, "--timeout", TIMEOUT_S, "--out", out,
            "--add", f"{built}:cost", "--", "cost/measure-rdma", MESSAGES,
            *work]
    done = subprocess.run(list(map(str, argv)), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False)
    where = f"{name}, seed {seed}"
    if done.returncode:
        last = (done.stdout.strip().splitlines() or ["it said nothing"])[-1]
        raise BenchError(f"{where}: the guest failed: {last}")
    try:
        return [record(out, flows, rtt) for flows in asked.flows
                for rtt in asked.rtt]
    except (OSError, KeyError, ValueError, ZeroDivisionError) as error:
        raise BenchError(f"{where}: no good measurement ({error!r})") from None


def measure(asked):
    paths.BUILD.mkdir(parents=True, exist_ok=True)
    top = Path(tempfile.mkdtemp(prefix="cost-rdma-", dir=paths.BUILD))
    git = results.describe()
    found = []
    try:
        for name in asked.kernel:
            kernel = kernels.kernel(name)
            built = build_modules(kernel, top / name, "rdma_cost.ko",
                                  "measure-rdma")
            for seed in range(1, asked.seeds + 1):
                say(f"{name}, seed {seed}")
                found += [{"kernel": name, "release": kernel.release,
                           "git": git, "seed": seed, **each}
                          for each in guest(name, built, top, asked, seed)]
    finally:
        shutil.rmtree(top, ignore_errors=True)
    return found


# --- the page ---------------------------------------------------------------

def distance(rtt):
    return f"{rtt / 1000:g} ms" if rtt >= 1000 else f"{rtt} us"


def over(values):
    low, high = f"{min(values):.0f}", f"{max(values):.0f}"
    return low if low == high else f"{low} to {high}"


def table(records):
    """A line per kind of packet, a column per size of the table and RTT."""
    works = list(dict.fromkeys((r["flows"], r["rtt_us"]) for r in records))

    def cells(value):
        return [over([value(r) for r in records
                      if (r["flows"], r["rtt_us"]) == work])
                for work in works]

    rows = [[text, *cells(lambda r, name=name: r["operations"][name][
        "instructions"] / r["operations"][name]["calls"])]
            for name, text in KINDS.items()]
    rows += [["all of a host that sends messages",
              *cells(lambda r: r["sender"])],
             ["all of a host that receives them",
              *cells(lambda r: r["receiver"])]]
    return [*simple_table(
        ["packet", *(f"{flows:,}, {distance(rtt)}" for flows, rtt in works)],
        rows), ""]


def verdict(records):
    lines = []
    for key, what in (("TX", "sent"), ("RX", "received")):
        values = [r[key] for r in records]
        most, target = max(values), TARGETS[key]
        lines.append(f"A packet of data that is {what} takes {over(values)} "
                     f"instructions; at most {target} are wanted, which is "
                     + ("met." if most <= target else "missed."))
    return " ".join(lines)


def page(records):
    lines = [SPDX, "", *heading("What the hooks of rdma_xgs cost", over=True)]
    lines += filled(
        "Instructions per packet on stock Debian kernels in QEMU, whose clock "
        "counts instructions. xgs is "
        + " and ".join(sorted({r["git"] for r in records})) + ".")
    lines += ["All of this page::", "", "\tmake bench-cost-rdma", ""]
    lines += filled(verdict(records))
    seeds = len({r["seed"] for r in records})
    lines += filled(
        "Columns: flows, and as many QPs, in the tables; base RTT. The mean "
        "of all packets of a kind"
        + (f", of {seeds} seeds the lowest and the highest." if seeds > 1
           else ", of seed 1."))
    for name, release in dict.fromkeys((r["kernel"], r["release"])
                                       for r in records):
        lines += [*title(f"Linux {release}"),
                  *table([r for r in records if r["kernel"] == name])]
    lines += heading("How this was measured")
    lines += filled(
        "One CPU, -icount shift=0: an instruction is a nanosecond and a tick "
        "of the TSC. ``tools/bench/cost/rdma_cost.c`` finds the hooks where "
        "netfilter has them and calls them with interrupts off, with packets "
        "of its own, IPv4. An empty call is subtracted; calls of 1000 and "
        "3000 instructions must be measured to 0.1%, or there is no result. "
        "Nothing in rdma_xgs knows of it: flows begin with their first packet, "
        "and QPs are found by asking the RDMA core. Up to 1000 are connected "
        "QPs of rxe; the rest are flows to other QPs, and one UD QP that hears "
        "as many senders.")
    lines += filled(
        f"The connected QPs in turn send {MESSAGES:,} messages of "
        f"{DATA + 1} packets of 1024 bytes, and receive as many. Only the "
        "first is looked up in the table: a CPU remembers the flow that it "
        "sent of last. The last packet asks for an ACK, which comes a base "
        "RTT later and ends an RTT sample; another ACK before it doesn't. One "
        "message in 8 has a CNP, one in 64 a mark. `Each flow of the table "
        "once` is a packet after a pause of seconds: the flow catches up with "
        "up to 64 periods.")
    lines += filled(
        "Sending a CNP is the stack's work and not counted. Instructions are "
        "not cycles: that a table of 60,000 entries is not in the cache is "
        "not in it.")
    return "\n".join(lines).rstrip() + "\n"


# --- the command line -------------------------------------------------------

def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="bench rdmacost", description="Instructions of rdma_xgs's hooks, "
        "on stock kernels.")
    parser.add_argument("--flows", nargs="+", type=int, choices=FLOWS,
                        default=list(FLOWS))
    parser.add_argument("--rtt", nargs="+", type=int, choices=RTTS,
                        default=list(RTTS), metavar="US",
                        help="base RTTs, microseconds")
    add_common(parser, 1, RECORDS)
    return parser.parse_args(argv)


def main(argv):
    asked = arguments(argv)
    try:
        if not asked.page_only:
            write_records(asked.records, measure(asked))
        records = read_records(asked.records, "make bench-cost-rdma")
    except LabError as error:
        raise BenchError(str(error)) from None
    replace(asked.out, {"cost-rdma.rst": page(records)}, "*")
    print(f"{paths.show(asked.out / 'cost-rdma.rst')}: {len(records)} records")
    return 0
