# SPDX-License-Identifier: GPL-2.0-or-later
"""Which charts a case has: its records decide, not its name."""

import itertools
import math
import re
import statistics
from dataclasses import dataclass

from . import charts
from .charts import Curve, Group, Panel, Part, Plot, Share, Stat
from .measures import METRICS, shown, text_of, title_of


@dataclass(frozen=True)
class Figure:
    file: str
    svg: str
    caption: str


def figures(case):
    found = [share_figure(case), *series_figures(case),
             completion_figure(case), *bar_figures(case)]
    return [figure for figure in found if figure]


def subtitle(case, more=""):
    seeds = f"{len(case.seeds)} seeds: median, and a line from the lowest " \
        "to the highest" if len(case.seeds) > 1 else f"seed {case.seeds[0]}"
    return f"{more}{seeds}"


def axes_of(case):
    """Parameters that span the variants as a full grid, the one with most
    values first; none if there are no such."""
    for count in range(2, len(case.parameters) + 1):
        for names in itertools.combinations(case.parameters, count):
            points = {tuple(text_of(case.first[v].get(n)) for n in names)
                      for v in case.variants}
            size = math.prod(len(values_of(case, n)) for n in names)
            if len(points) == size == len(case.variants):
                return sorted(names, key=lambda n: -len(values_of(case, n)))
    return None


def layout(case, group_of):
    """Rows of panels of groups, by parameters where the variants are a full
    grid."""
    names = axes_of(case)
    if not names:
        return flat_layout(case, group_of)
    across, along, rest = names[0], names[1], names[2:]
    rows = {}
    for variant in case.variants:
        record = case.first[variant]
        row = tuple(shown(n, record[n]) for n in rest)
        column = shown(along, record[along])
        group = group_of(variant, shown(across, record[across]))
        rows.setdefault(row, {}).setdefault(column, []).append(group)
    return [(", ".join(f"{title_of(n)} {v}" for n, v in zip(rest, row)),
             [Panel(f"{title_of(along)} {column}", groups, title_of(across))
              for column, groups in columns.items()])
            for row, columns in rows.items()]


def values_of(case, name):
    return {text_of(case.first[v].get(name)) for v in case.variants}


def flat_layout(case, group_of):
    longest = max(charts.width_of(v, 12) for v in case.variants)
    most = int(max(1, min(48 // len(case.controls),
                          (charts.WIDTH - 80) // (longest + 8))))
    per_row = math.ceil(len(case.variants)
                        / math.ceil(len(case.variants) / most))
    return [("", [Panel("", [group_of(v, v or case.name) for v
                             in case.variants[start:start + per_row]])])
            for start in range(0, len(case.variants), per_row)]


def scaled(stat, factor):
    return Stat(stat.median / factor, stat.low / factor, stat.high / factor)


def grouper(case, metric, factor, pale=None, ideal=None):
    def group_of(variant, label):
        def of(m):
            return {c: scaled(s, factor) for c in case.controls
                    if (s := case.stat(m, variant, c))} if m else {}
        wanted = [r[ideal] for c in case.controls
                  for r in case.cells.get((variant, c), [])
                  if ideal and r.get(ideal) is not None]
        return Group(label, of(metric), of(pale),
                     statistics.median(wanted) / factor if wanted else None)
    return group_of


def completion_figure(case):
    mean, tail = METRICS["fct_mean_us"], METRICS["fct_p99_us"]
    if not case.has(mean):
        return None
    pale = tail if case.has(tail) else None
    unit, factor = case.unit(*filter(None, (mean, pale)))
    rows = layout(case, grouper(case, mean, factor, pale, "fct_ideal_us"))
    svg = charts.bars(
        f"{case.name}: completion time, {unit}",
        subtitle(case, "mean; behind it, with its figure, p99; dashed: the "
                       "ideal; "), rows, case.looks, case.command())
    return Figure(f"{case.name}-completion.svg", svg,
                  "Completion time: the mean, p99 behind it (its figure is "
                  "written above), and dashed what the link would take if it "
                  "were full all the time.")


def bar_figures(case):
    """Utilisation, queue and retransmissions: one picture if there is room,
    else one each."""
    wanted = []
    for key, pale, caption in (
            ("utilisation", None, "Utilisation of the bottleneck: payload, "
             "against what the wire allows for that MTU."),
            ("queue_p50_us", "queue_p99_us", "Queueing delay at the "
             "bottleneck: the median, and p99 behind it or at the upper end "
             "of the line."),
            ("retrans_fraction", None, "Retransmitted, of all that was "
             "sent."),
            ("t90_us", None, "Time until a flow has 90 % of its fair "
             "share."),
            ("convergence_us", None, "Time from a join or a leave until the "
             "flows are equal, and stay so: Jain's index at 0.95."),
            ("recovery_us", None, "Time from a change of the path until 90 % "
             "of what it carries now is used."),
            ("jain", None, "Jain's index: 1 is equal, 1/n is all for one of "
             "n flows.")):
        if case.has(METRICS[key]):
            tail = METRICS[pale] if pale and case.has(METRICS[pale]) else None
            wanted.append((METRICS[key], tail, caption))
    if len(case.variants) <= 2 and wanted:
        return overview(case, wanted)
    return [bar_figure(case, *each) for each in wanted]


def bar_title(metric, pale, unit):
    words = f"{metric.title} and p99" if pale else metric.title
    return f"{words}, {unit}" if unit else words


def bar_figure(case, metric, pale, caption):
    unit, factor = case.unit(*filter(None, (metric, pale)))
    rows = layout(case, grouper(case, metric, factor, pale))
    for panel in (panel for _, row in rows for panel in row):
        panel.ceiling = metric.ceiling and metric.ceiling / factor
    title = bar_title(metric, pale, unit)
    name = metric.key.split("_")[0]
    svg = charts.bars(f"{case.name}: {title[0].lower()}{title[1:]}"
                      if not title.startswith("Jain")
                      else f"{case.name}: {title}",
                      subtitle(case), rows, case.looks, case.command())
    return Figure(f"{case.name}-{name}.svg", svg, caption)


def overview(case, wanted):
    rows = []
    across = 2 if len(wanted) in (2, 4) else 3
    for start in range(0, len(wanted), across):
        row = []
        for metric, pale, _ in wanted[start:start + across]:
            unit, factor = case.unit(*filter(None, (metric, pale)))
            group_of = grouper(case, metric, factor, pale)
            row.append(Panel(bar_title(metric, pale, unit),
                             [group_of(v, v or case.name)
                              for v in case.variants],
                             scale=metric.key, ceiling=metric.ceiling
                             and metric.ceiling / factor))
        rows.append(("", row))
    svg = charts.bars(f"{case.name}: link and queue", subtitle(case), rows,
                      case.looks, case.command())
    return [Figure(f"{case.name}-overview.svg", svg,
                   " ".join(caption for _, _, caption in wanted))]


# --- shares ------------------------------------------------------------------

def share_figure(case):
    sections = []
    for variant in case.variants:
        rows = [row for control in case.controls
                if (row := share_row(case, variant, control))]
        if rows:
            sections.append((variant or case.name, rows))
    if not sections:
        return None
    svg = charts.shares(
        f"{case.name}: who gets the link",
        "the whole width is the link; dashed: equal parts for all flows; "
        + (f"medians of {len(case.seeds)} seeds" if len(case.seeds) > 1
           else f"seed {case.seeds[0]}"),
        sections, case.looks, case.command())
    return Figure(f"{case.name}-shares.svg", svg,
                  "Who gets the link: from left to right the groups of flows "
                  "that the text beside names, what nobody used stays empty, "
                  "and dashes stand where equal parts would end.")


def share_row(case, variant, control):
    cell = case.cells.get((variant, control), [])
    flows = [flow for record in cell for flow in record.get("shares") or []]
    names = dict.fromkeys((flow["name"], flow["cc"]) for flow in flows)
    rate = cell[0].get("rate_bps") if cell else None
    if len(names) < 2 or not rate:
        return None
    # A control may appear under the kernel's name of another one.
    alone = len({cc for _, cc in names}) == 1
    parts, words = [], []
    for name, cc in names:
        mine = [[flow["goodput_bps"] or 0 for flow in record["shares"]
                 if (flow["name"], flow["cc"]) == (name, cc)]
                for record in cell]
        bps = statistics.median_low([sum(each) for each in mine])
        parts.append(Part(control if alone or cc not in case.looks else cc,
                          bps / rate, len(mine[0]) * len(cell) / len(flows)))
        words.append(f"{name} {charts.short(bps / 1e6)}")
    if sum(part.fraction for part in parts) > 1.02:
        return None         # more than one bottleneck
    return Share(control, parts, " + ".join(words) + " Mbit/s")


# --- time series -------------------------------------------------------------

# With more variants than that, notes.toml says which have their curves drawn.
CURVES = 12


def curves_of(record, control, known):
    """Of each group of flows; Mbit/s by second."""
    told = record.get("series") or {"interval_us": 1, "flows": []}
    step = told["interval_us"] / 1e6
    alone = len({group["cc"] for group in told["flows"]}) == 1
    return [Curve(control if alone or group["cc"] not in known
                  else group["cc"],
                  [(step * (n + 0.5), v / 1e6)
                   for n, v in enumerate(group["goodput_bps"])],
                  kind_of(group["name"]) != kind_of(told["flows"][0]["name"]))
            for group in told["flows"]]


def kind_of(name):
    """"far 1" and "far 2" are both far."""
    return re.sub(r" \d+$", "", name)


def series_figures(case):
    """Of the first seed: a median of courses is no course."""
    chosen = case.notes.get("series") or case.variants
    if len(chosen) > CURVES:
        return []
    rows, alone = [], []
    for variant in [v for v in case.variants if v in chosen]:
        curves = {c: found for c in case.controls
                  if (variant, c) in case.cells and (found := curves_of(
                      case.cells[variant, c][0], c, case.looks))}
        rate = case.first[variant].get("rate_bps")
        most = rate / 1e6 if rate else None
        if curves and all(len(found) == 1 for found in curves.values()):
            alone.append(Plot(variant, [found[0] for found
                                        in curves.values()], most))
        elif curves:
            names = list(dict.fromkeys(
                kind_of(group["name"])
                for group in case.first[variant]["series"]["flows"]))
            told = f"thick: {names[0]}; thin: {', '.join(names[1:])}" \
                if len(names) > 1 else ""
            rows.append(((f"{variant}, " if variant and told else variant)
                         + told,
                         [Plot(case.looks[c].label, found, most)
                          for c, found in curves.items()]))
    rows += [("", alone[n:n + 3]) for n in range(0, len(alone), 3)]
    if not rows:
        return []
    svg = charts.series(f"{case.name}: goodput over time, Mbit/s",
                        f"seed {case.seeds[0]}; dashed: the link", rows,
                        case.looks, case.command())
    return [Figure(f"{case.name}-series.svg", svg,
                   f"Goodput over time, of seed {case.seeds[0]}, as the "
                   "receiving application sees it: what had to wait for a "
                   "retransmission comes at once, above the link's rate.")]
