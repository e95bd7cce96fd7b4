# SPDX-License-Identifier: GPL-2.0-or-later
"""From results to pages that a person reads before deploying.

notes.toml has the sentences, and which measure speaks for a case."""

import argparse
import json
import re
import shlex
import shutil
import sys
import tempfile
import textwrap
import tomllib
from pathlib import Path

from . import charts, paths
from .charts import Look
from .errors import BenchError, InputError
from .figures import figures
from .measures import (METRICS, OURS, Case, best_peer, figure_text, is_ours,
                       one, over_variants, verdict)

NOTES = paths.BENCH / "notes.toml"
OUT = paths.REPO / "Documentation" / "benchmarks"
# Pages that others write.
OTHERS = {"cost.rst": "What it costs in CPU and memory",
          "cost-rdma.rst": "What the hooks of rdma_xgs cost",
          "rdma.rst": "rdma_xgs with real packets"}
SPDX = ".. SPDX-License-Identifier: GPL-2.0"


# --- reading ----------------------------------------------------------------

def read_text(path, how):
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BenchError(f"{paths.show(path)} does not exist: {how}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BenchError(f"{paths.show(path)}: {error}") from None


def read_records(path):
    text = read_text(path, "run `make bench` first")
    if not text:
        raise BenchError(f"{paths.show(path)} is empty: run `make bench`")
    if not text.endswith("\n"):
        raise BenchError(f"{paths.show(path)}: the last record is cut off")
    records, seen = [], set()
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{paths.show(path)}:{number}"
        try:
            record = json.loads(line)
        except ValueError as error:
            raise BenchError(f"{where}: not a record ({error})") from None
        check_record(where, record)
        key = tuple(record[name] for name in ("case", "variant", "cc", "seed"))
        if key in seen:
            raise BenchError(f"{where}: a second record of {key}")
        seen.add(key)
        records.append(record)
    return records


def check_record(where, record):
    if not isinstance(record, dict):
        raise BenchError(f"{where}: not a record")
    for key, kind in (("case", str), ("variant", str), ("cc", str),
                      ("seed", int)):
        if not isinstance(record.get(key), kind):
            raise BenchError(f"{where}: a record without {key}")
    for key in METRICS.keys() & record.keys():
        if record[key] is not None and not number(record[key]):
            raise BenchError(f"{where}: {key} is not a number")
    for flow in record.get("shares") or []:
        check_flow(where, flow, lambda value: value is None or number(value))
    series = record.get("series") or {"interval_us": 1, "flows": []}
    if not number(series.get("interval_us")):
        raise BenchError(f"{where}: a series without interval_us")
    for flow in series.get("flows", []):
        check_flow(where, flow, lambda value: isinstance(value, list)
                   and all(map(number, value)))
    # It names files.
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", record["case"]):
        raise BenchError(f"{where}: {record['case']!r} is no name of a case")


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def check_flow(where, flow, good):
    if not isinstance(flow, dict) or not {"name", "cc"} <= flow.keys() \
            or not good(flow.get("goodput_bps")):
        raise BenchError(f"{where}: a flow of shares or series is not whole")


def read_json(path, how):
    try:
        return json.loads(read_text(path, how))
    except ValueError as error:
        raise BenchError(f"{paths.show(path)}: {error}") from None


def read_toml(path):
    try:
        return tomllib.loads(read_text(path, "it is part of the source"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(paths.show(path), str(error)) from None


def looks_of(peers, records):
    """How each control of the records appears, ours first."""
    spare = iter(charts.SPARE * len(records))
    used = {record["cc"] for record in records}
    names = [OURS, *peers, *sorted(used - peers.keys())]
    return {name: Look(peers.get(name, {}).get("label", name),
                       peers.get(name, {}).get("colour") or next(spare))
            for name in dict.fromkeys(names) if name in used}


# --- tables -------------------------------------------------------------------

def simple_table(head, rows):
    """reStructuredText's simple table; no cell of the first column is empty."""
    widths = [max(len(row[n]) for row in [head, *rows])
              for n in range(len(head))]
    edge = "  ".join("=" * w for w in widths)

    def line(row):
        return "  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip()

    return [edge, line(head), edge, *map(line, rows), edge]


def grid_table(head, rows, widest):
    """Cells are wrapped at `widest` characters, unless they have a link."""
    cells = [[textwrap.wrap(c, w, break_long_words=False,
                            break_on_hyphens=False) if "`" not in c else [c]
              for c, w in zip(row, widest)] for row in [head, *rows]]
    widths = [max(len(line) for row in cells for line in row[n] or [""])
              for n in range(len(head))]

    def edge(char):
        return "+" + "+".join(char * (w + 2) for w in widths) + "+"

    lines = [edge("-")]
    for number, row in enumerate(cells):
        for n in range(max(1, *(len(cell) for cell in row))):
            lines.append("|" + "|".join(
                f" {(cell[n] if n < len(cell) else ''):{w}} "
                for cell, w in zip(row, widths)) + "|")
        lines.append(edge("=" if number == 0 else "-"))
    return lines


def metric_rows(case, metric):
    unit, factor = case.unit(metric)
    head = ["variant", *(case.looks[c].label for c in case.controls)]
    rows = [[variant, *(figure_text(case.stat(metric, variant, c), factor)
                        for c in case.controls)]
            for variant in case.variants]
    return f"{metric.title}, {unit}" if unit else metric.title, head, rows


# --- pages --------------------------------------------------------------------

def cases_of(records, looks, notes):
    by_name = {}
    for record in records:
        by_name.setdefault(record["case"], []).append(record)
    told = notes.get("cases", {})
    names = sorted(by_name, key=lambda n: (
        list(told).index(n) if n in told else len(told), n))
    return [Case(n, by_name[n], {c: look for c, look in looks.items()
                                 if any(r["cc"] == c for r in by_name[n])},
                 told.get(n, {})) for n in names]


def heading(text, over=False):
    line = "=" * len(text)
    return [line, text, line, ""] if over else [text, line, ""]


def filled(text):
    return [*textwrap.wrap(" ".join(text.split()), 79,
                           break_on_hyphens=False), ""]


def page(case, header, description):
    lines = [SPDX, "", *heading(case.name, over=True)]
    for text in (case.notes.get("asks"), description):
        lines += filled(text) if text else []
    lines += ["All of this page::", "", f"\t{case.command()}", ""]
    pictures = figures(case)
    for figure in pictures:
        lines += [f".. image:: {figure.file}", f"   :alt: {figure.caption}",
                  "", *filled(figure.caption)]
    sentences = case.notes.get("peers", {})
    known = [c for c in case.controls if c in sentences]
    if known:
        lines += heading("The peers")
        for control in known:
            lines += filled(f"**{case.looks[control].label}**: "
                            f"{sentences[control]}")
    lines += heading("Figures")
    lines += filled("Medians over "
                    f"{len(case.seeds)} seeds; in parentheses the lowest and "
                    "the highest." if len(case.seeds) > 1
                    else f"Of seed {case.seeds[0]}.")
    for metric in case.metrics():
        title, head, rows = metric_rows(case, metric)
        lines += [title, "-" * len(title), "", *simple_table(head, rows), ""]
    lines += [f"`All cases <index.rst>`_. Kernel {header['kernel']}, xgs "
              f"{header['git']}."]
    return "\n".join(lines).rstrip() + "\n", pictures


def with_name(case, metric, found):
    if found is None:
        return "-"
    control, value = found
    return f"{case.looks[control].label} {one(metric, value)}"


def index(cases, header, looks, notes, extra):
    lines = [SPDX, "", *heading("Benchmarks", over=True)]
    ours = any(OURS in case.controls for case in cases)
    lines += filled(
        "xgs beside the kernel's own congestion controls, on the kernel's own "
        "TCP stack and simulated links. Every figure is repeated bit for bit "
        "by the command that its page names.")
    rows = []
    for case in cases:
        for number, metric in enumerate(case.headlines()):
            mine = over_variants(case, metric, OURS)
            rows.append([
                f"`{case.name} <{case.name}.rst>`_" if number == 0 else "",
                case.notes.get("asks", "") if number == 0 else "",
                metric.title, with_name(case, metric,
                                        best_peer(case, metric)),
                one(metric, mine) if ours else "not run",
                verdict(case, metric)])
    lines += grid_table(["case", "what it asks", "measure", "best peer",
                         "xgs", "xgs against the best peer of each variant"],
                        rows, (40, 44, 20, 18, 14, 26)) + [""]
    lines += filled(
        "*Best peer* and *xgs* are medians over the variants of a case. "
        "*Better* and *worse* mean by more than 5 %, against whichever peer "
        "is best in that variant. Delays are compared among those controls "
        "only that carry at least 90 % of what the best carries; a control "
        "that does not is counted as worse.")
    lines += baseline(cases, looks, notes)
    lines += measured(cases, header, extra)
    return "\n".join(lines).rstrip() + "\n"


def baseline(cases, looks, notes):
    peers = [c for c in looks if not is_ours(c)]
    if not peers:
        return []
    lines = heading("The peers alone")
    rows = []
    for case in cases:
        for number, metric in enumerate(case.headlines()):
            rows.append([case.name if number == 0 else "", metric.title,
                         *(one(metric, over_variants(case, metric, c))
                           if c in case.controls else "" for c in peers)])
    lines += filled("Medians over the variants of each case.")
    lines += grid_table(["case", "measure", *(looks[c].label for c in peers)],
                        rows, (20, 40, *(14 for _ in peers))) + [""]
    sentences = notes.get("peers", {})
    for control in peers:
        if control in sentences:
            lines += filled(f"**{looks[control].label}**: "
                            f"{sentences[control]}")
    return lines


def measured(cases, header, extra):
    lines = heading("How this was measured")
    seeds = sorted({seed for case in cases for seed in case.seeds})
    command = shlex.join(map(str, ["tools/bench/bench", *header["command"]]))
    lines += [f"* command: ``{command}``, then ``make bench-report``",
              f"* kernel: {header['kernel']}, in User Mode Linux on simulated "
              "time: computing costs none",
              f"* xgs: {header['git']}",
              f"* seeds: {', '.join(map(str, seeds))}", ""]
    lines += filled(" ".join(["`How to use and to read it <../bench.rst>`_.",
                              *extra]))
    return lines


# --- writing ------------------------------------------------------------------

def check_header(path, header):
    if not isinstance(header, dict):
        raise BenchError(f"{paths.show(path)}: not a header")
    for key, kind in (("kernel", str), ("git", str), ("command", list),
                      ("peers", dict)):
        if not isinstance(header.get(key), kind):
            raise BenchError(f"{paths.show(path)}: no {key} in it")


def descriptions(records, folder):
    """{case: what its file says it is}."""
    found = {}
    for name in {record["case"] for record in records}:
        path = folder / f"{name}.toml"
        if not path.exists():
            raise BenchError(f"unknown case {name} in the results: there is "
                             f"no {paths.show(path)}")
        found[name] = " ".join(read_toml(path).get("description", "").split())
    return found


def check_notes(path, notes):
    for name, case in notes.get("cases", {}).items():
        for key in case.get("headline", []):
            if key not in METRICS:
                raise InputError(paths.show(path),
                                 f"{name}: unknown metric {key}")


def replace(folder, files, *keep):
    """`folder` has exactly `files` and what `keep` names, or is as it was."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-",
                                  dir=folder.parent))
    old = fresh.with_name(fresh.name + "-old")
    try:
        fresh.chmod(0o755)
        for name, text in files.items():
            (fresh / name).write_text(text, encoding="utf-8")
        for path in {path for name in keep for path in folder.glob(name)}:
            if path.name not in files:
                shutil.copy2(path, fresh)
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise BenchError(f"{paths.show(folder)} is as it was: "
                         f"{error}") from None
    shutil.rmtree(old, ignore_errors=True)


def build(options):
    records = read_records(options.results)
    header = read_json(options.header, "run `make bench` first")
    check_header(options.header, header)
    told = descriptions(records, options.cases)
    notes = read_toml(options.notes)
    check_notes(options.notes, notes)
    looks = looks_of(header["peers"], records)
    cases = cases_of(records, looks, notes)
    files = {}
    for case in cases:
        text, pictures = page(case, header, told[case.name])
        files[f"{case.name}.rst"] = text
        files.update({p.file: p.svg for p in pictures})
    extra = [f"`{text} <{name}>`_." for name, text in OTHERS.items()
             if (options.out / name).exists()]
    files["index.rst"] = index(cases, header, looks, notes, extra)
    return files, cases


def main(argv):
    parser = argparse.ArgumentParser(
        prog="bench report", description="write pages and charts of what "
        "`bench run` measured")
    for name, default in (("results", paths.RESULTS),
                          ("header", paths.HEADER), ("out", OUT),
                          ("notes", NOTES), ("cases", paths.CASES)):
        parser.add_argument(f"--{name}", type=Path, default=default,
                            metavar="PATH")
    options = parser.parse_args(argv)
    try:
        files, cases = build(options)
        gone = {path.name for path in options.out.glob("*.rst")} \
            - files.keys() - OTHERS.keys()
        replace(options.out, files, "cost*", "rdma.rst")
    except BenchError as error:
        print(f"bench: error: {error}", file=sys.stderr)
        return error.status
    print(f"{paths.show(options.out)}: {len(cases)} cases, "
          f"{sum(name.endswith('.svg') for name in files)} charts")
    if gone:
        print("bench: not in these results, so removed: "
              + ", ".join(sorted(gone)), file=sys.stderr)
    return 0
