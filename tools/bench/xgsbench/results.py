# SPDX-License-Identifier: GPL-2.0-or-later
"""Records, and the two files they end in."""

import json
import subprocess

from . import case, metrics, paths

from xgslab import cache, uml

RESULTS = paths.RESULTS.name
HEADER = paths.HEADER.name


def record(job, raw):
    """One line of results.jsonl."""
    scenario = job.scenario
    states = {name: case.timeline(scenario, name) for name in scenario.sites}
    run = metrics.Run(scenario, job.plan, raw, states)
    rtts = sorted({scenario.rtt_us(flow) for flow in scenario.flows})
    link = scenario.bottlenecks[0]
    return {
        "case": scenario.case, "variant": scenario.variant,
        "cc": job.peer.name, "seed": job.seed,
        **{f"p_{name}": value for name, value in scenario.parameters.items()},
        "rate_bps": link.rate, "rtt_us": rtts[0] if len(rtts) == 1 else rtts,
        "buffer_bytes": link.buffer,
        "loss": max(site.loss.part for site in scenario.sites.values()),
        "mtu": scenario.mtu, "duration_s": scenario.duration_us / 1e6,
        "warmup_s": scenario.warmup_us / 1e6,
        **metrics.compute(run),
    }


def order(entry):
    return entry["case"], entry["variant"], entry["cc"], entry["seed"]


def write(records, folder):
    lines = [json.dumps(entry, separators=(",", ":"), allow_nan=False)
             for entry in sorted(records, key=order)]
    replace(folder / RESULTS, "".join(f"{line}\n" for line in lines))


def write_header(shared, asked, peers, argv, folder):
    content = {
        "command": argv,
        "git": describe(),
        "kernel": f"{shared.kernel.release} (source "
                  f"{uml.source_version(shared.kernel)})",
        "cases": sorted({job.scenario.case for job in asked}),
        "seeds": sorted({job.seed for job in asked}),
        "records": len(asked),
        "peers": {peer.name: {"label": peer.label, "colour": peer.colour,
                              "cc": peer.cc, "ecn": peer.ecn}
                  for peer in peers},
    }
    replace(folder / HEADER, json.dumps(content, indent=1) + "\n")


def describe():
    done = subprocess.run(["git", "-C", paths.REPO, "describe", "--always",
                           "--dirty", "--tags"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def replace(path, text):
    """Write a file whole, or leave what is there."""
    with cache.new_file(path) as out:
        out.write(text.encode("utf-8"))
