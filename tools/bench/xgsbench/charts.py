# SPDX-License-Identifier: GPL-2.0-or-later
"""The report's charts. Nothing here knows a case: a chart is made of panels,
a panel of groups, a group of one value per control."""

import math
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from svg import GRID, INK, SOFT, Drawing, width_of     # noqa: E402

WIDTH = 1000
LEFT, RIGHT, HEAD, FOOT = 18, 14, 74, 32
# Of the values on an axis: with more than that from the smallest to the
# largest, bars of the small ones would not be seen.
LOG_RATIO = 50
# Colours that colour-blind readers can tell apart (Okabe and Ito), as far as
# peers.toml has not taken them.
SPARE = ("#56B4E9", "#F0E442", "#000000", "#8C6D31", "#5E3C99")


@dataclass(frozen=True)
class Look:
    """How a control appears in every chart."""
    label: str
    colour: str


@dataclass(frozen=True)
class Stat:
    """Over the seeds."""
    median: float
    low: float
    high: float


@dataclass
class Group:
    """What stands beside each other above one label of the x axis."""
    label: str
    values: dict            # control -> Stat
    pale: dict = field(default_factory=dict)    # control -> Stat, behind it
    ideal: float | None = None


@dataclass
class Panel:
    title: str
    groups: list
    note: str = ""          # under the x axis
    scale: str = ""         # panels of one name share an axis
    ceiling: float | None = None


@dataclass(frozen=True)
class Part:
    """What some flows got of a link, and what equal parts would give them."""
    control: str
    fraction: float
    fair: float


@dataclass
class Share:
    """A row of a share chart: how flows divide one link."""
    control: str
    parts: list
    text: str               # beside the bar


@dataclass
class Curve:
    control: str
    points: list            # (seconds, value)
    faint: bool = False


@dataclass
class Plot:
    """A panel of a time series."""
    title: str
    curves: list
    most: float | None = None       # a dashed line: the link


# --- numbers on axes --------------------------------------------------------

def short(value):
    """Three digits, never an exponent."""
    if value == math.inf:
        return "never"
    if value == 0:
        return "0"
    size = abs(value)
    digits = max(0, 2 - math.floor(math.log10(size))) if size < 100 else 0
    text = f"{value:.{min(digits, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class Axis:
    """Values to pixels, bottom up."""

    def __init__(self, bottom, top, values, ceiling=None):
        self.bottom, self.top = bottom, top
        values = [v for v in values if v < math.inf]
        positive = [v for v in values if v > 0]
        highest = max(values, default=0) or 1.0
        self.log = (ceiling is None and bool(positive)
                    and highest / min(positive) > LOG_RATIO)
        if self.log:
            floor = max(min(positive), highest / 1e6)
            self.low = 10.0 ** math.floor(math.log10(floor))
            self.high = 10.0 ** math.ceil(math.log10(highest) - 1e-9)
            decades = round(math.log10(self.high / self.low))
            step = max(1, math.ceil(decades / 5))
            self.ticks = [self.low * 10 ** n
                          for n in range(0, decades + 1, step)]
            return
        self.low = 0.0
        step = nice_step((ceiling or highest) / 4.5)
        count = math.ceil((ceiling or highest) / step - 1e-9)
        # Figures stand above the bars.
        if highest > 0.95 * step * count:
            count += 1
        self.high = ceiling or step * count
        self.ticks = [step * n for n in range(count + 1)
                      if step * n <= self.high * (1 + 1e-9)]

    def y(self, value):
        if self.log:
            part = math.log10(max(value, self.low) / self.low) \
                / math.log10(self.high / self.low)
        else:
            part = value / self.high
        return self.bottom - min(max(part, 0), 1.04) * (self.bottom - self.top)


def nice_step(least):
    magnitude = 10.0 ** math.floor(math.log10(least))
    for factor in (1, 2, 2.5, 5, 10):
        if factor * magnitude >= least * (1 - 1e-9):
            return factor * magnitude
    return 10 * magnitude


# --- what every chart has ---------------------------------------------------

class Chart:
    """Title, legend, and the line at the foot that says where it is from."""

    def __init__(self, title, subtitle, height, legend, command):
        self.title = title
        room = sum(31 + width_of(look.label, 14) for look in legend)
        # A long title pushes the legend to a line of its own.
        beside = width_of(title, 19) + room < WIDTH - LEFT - RIGHT - 20
        self.top = HEAD if beside else HEAD + 22
        height += self.top + FOOT
        self.drawing = d = Drawing(WIDTH, height)
        d.text(LEFT, 28, title, 19, weight="bold", colour="#111")
        d.text(LEFT, 48, subtitle, 13, colour=SOFT)
        x, y = (WIDTH - RIGHT - room, 28) if beside else (LEFT, 72)
        for look in legend:
            d.rect(x, y - 11, 13, 13, look.colour)
            d.text(x + 18, y, look.label, 14)
            x += 31 + width_of(look.label, 14)
        d.text(LEFT, height - 10, f"made by: {command}", 11, colour=SOFT)

    def svg(self):
        return self.drawing.document(self.title)


def axis_lines(drawing, axis, left, right, words=True):
    for tick in axis.ticks:
        drawing.line(left, axis.y(tick), right, axis.y(tick), GRID)
        if words:
            drawing.text(left - 6, axis.y(tick) + 4, short(tick), 12, "end",
                         SOFT)


def clipped(words, size, room):
    if width_of(words, size) <= room:
        return words
    return words[:max(1, int(room / (0.56 * size)) - 1)] + "…"


# --- bars --------------------------------------------------------------------

def bars(title, subtitle, rows, looks, command):
    """rows: (heading, panels). On a logarithmic axis bars would lie, so dots
    stand there."""
    panels = [panel for _, row in rows for panel in row]
    controls = [c for c in looks if any(c in group.values for panel in panels
                                        for group in panel.groups)]
    tall = 240 if len(rows) == 1 else 170 if len(rows) == 2 else 110
    above = 14 + (16 if any(panel.title for panel in panels) else 0) \
        + (20 if any(heading for heading, _ in rows) else 0)
    below = 24 + (16 if any(panel.note for panel in panels) else 0)
    pitch = above + tall + below
    if any(stat.median == math.inf for panel in panels
           for group in panel.groups for stat in group.values.values()):
        subtitle += "; ×: never"
    chart = Chart(title, subtitle, pitch * len(rows),
                  [looks[c] for c in controls], command)
    values = {}
    for panel in panels:
        values.setdefault(panel.scale, []).extend(
            v for group in panel.groups for v in extent(group))
    slots = []
    for number, (heading, row) in enumerate(rows):
        top = chart.top + pitch * number + above
        left = LEFT + 46
        chart.drawing.text(LEFT, top - 34, heading, 14, weight="bold")
        gap = 14 if len({panel.scale for panel in row}) == 1 else 62
        wide = (WIDTH - RIGHT - left - gap * (len(row) - 1)) / len(row)
        before = None
        for panel in row:
            slots.append(Slot(
                chart.drawing, Axis(top + tall, top, values[panel.scale],
                                    panel.ceiling),
                left, left + wide, panel, panel.scale != before))
            before = panel.scale
            left += wide + gap
    # Either all bars have their figures or none.
    written = all(slot.room_for_figures(controls) for slot in slots)
    for slot in slots:
        slot.draw(controls, looks, written)
    return chart.svg()


def extent(group):
    for stat in [*group.values.values(), *group.pale.values()]:
        yield from (stat.low, stat.high)
    if group.ideal is not None:
        yield group.ideal


@dataclass
class Slot:
    """A panel and its place."""
    drawing: Drawing
    axis: Axis
    left: float
    right: float
    panel: Panel
    words: bool         # beside the axis

    @property
    def pitch(self):
        return (self.right - self.left) / len(self.panel.groups)

    def width(self, controls):
        return min(self.pitch * 0.84 / len(controls), 46)

    def room_for_figures(self, controls):
        widest = max((width_of(short(stat.median), 11)
                      for group in self.panel.groups
                      for stat in (group.pale or group.values).values()),
                     default=0)
        return widest < self.width(controls) + 4

    def draw(self, controls, looks, written):
        d, axis = self.drawing, self.axis
        d.text(self.left, axis.top - 16,
               clipped(self.panel.title, 13, self.right - self.left), 13,
               weight="bold")
        axis_lines(d, axis, self.left, self.right, self.words)
        width = self.width(controls)
        size = 11 if any(width_of(g.label, 12) > self.pitch
                         for g in self.panel.groups) else 12
        for number, group in enumerate(self.panel.groups):
            middle = self.left + self.pitch * (number + 0.5)
            first = middle - width * len(controls) / 2
            d.text(middle, axis.bottom + 16,
                   clipped(group.label, size, self.pitch), size, "middle")
            for place, control in enumerate(controls):
                if control in group.values:
                    mark(d, axis, first + width * place, width,
                         looks[control], group.values[control],
                         group.pale.get(control), written)
            if group.ideal is not None:
                y = axis.y(group.ideal)
                d.line(first - 3, y, first + width * len(controls) + 3, y,
                       INK, "4 3", 1.4)
        d.line(self.left, axis.bottom, self.right, axis.bottom, "#999")
        d.text((self.left + self.right) / 2, axis.bottom + 32,
               self.panel.note, 12, "middle", SOFT)


def mark(d, axis, x, width, look, stat, pale, written):
    """A bar with what is pale behind it, or a dot and a line to the other. An
    infinite value never came: a cross at the upper edge."""
    middle = x + width / 2
    inner = max(width - 3, 2)
    y = axis.y(stat.median)
    last = pale or stat
    if stat.median == math.inf:
        d.text(middle, axis.top + 9, "×", 15, "middle", look.colour, "bold")
        return
    if axis.log and last.high <= 0:
        d.text(middle, axis.bottom - 3, "0", 11, "middle", look.colour,
               "bold")
        return
    if axis.log:
        radius = min(max(width / 4, 2.2), 4.5)
        if pale:
            end = axis.y(pale.median)
            d.line(middle, y, middle, end, look.colour, width=2.0)
            d.rect(middle - radius, end - 1.2, 2 * radius, 2.4, look.colour)
        d.dot(middle, y, radius, look.colour)
    else:
        if pale:
            top = axis.y(pale.median)
            d.rect(middle - inner / 2, top, inner, axis.bottom - top,
                   look.colour, 0.35)
        # Nothing and next to nothing look different from not measured.
        tall = max(axis.bottom - y, 1.0)
        d.rect(middle - inner / 2, axis.bottom - tall, inner, tall,
               look.colour)
    for each in filter(None, (stat, pale)):
        if each.low < each.high:
            d.line(middle, axis.y(each.low), middle, axis.y(each.high), INK,
                   width=1.0)
    if written:
        d.text(middle, axis.y(last.high) - 5, short(last.median), 11,
               "middle")


# --- shares ------------------------------------------------------------------

ROW = 19


def shares(title, subtitle, sections, looks, command):
    """sections: (title, rows of Share). The whole width is the link; what
    nobody used stays empty. Dashes stand where equal parts would end."""
    height = sum(30 + ROW * len(rows) for _, rows in sections) + 30
    used = {part.control for _, rows in sections for row in rows
            for part in row.parts}
    chart = Chart(title, subtitle, height,
                  [looks[c] for c in looks if c in used], command)
    d = chart.drawing
    left, right = LEFT + 92, WIDTH - RIGHT - 250
    y = chart.top
    for heading, rows in sections:
        d.text(LEFT, y + 8, heading, 13, weight="bold")
        y += 18
        for row in rows:
            share_row(d, left, right, y, row, looks)
            y += ROW
        y += 12
    for percent in (0, 25, 50, 75, 100):
        x = left + (right - left) * percent / 100
        d.line(x, y - 6, x, y - 1, "#999")
        d.text(x, y + 12, f"{percent} %", 12, "middle", SOFT)
    return chart.svg()


def share_row(d, left, right, y, row, looks):
    d.text(left - 8, y + 13, clipped(looks[row.control].label, 12, 84), 12,
           "end")
    d.rect(left, y, right - left, ROW - 4, "#f1f1f1")
    x = left
    for number, part in enumerate(row.parts):
        wide = (right - left) * part.fraction
        d.rect(x, y, wide, ROW - 4, looks[part.control].colour,
               1.0 if number % 2 == 0 else 0.5)
        x += wide
    fair = 0.0
    for part in row.parts[:-1]:
        fair += part.fair
        x = left + (right - left) * fair
        d.line(x, y - 2, x, y + ROW - 2, INK, "3 2", 1.6)
    d.text(right + 10, y + 12, clipped(row.text, 12, 240), 12)


# --- time series -------------------------------------------------------------

def series(title, subtitle, rows, looks, command):
    """rows: (heading, plots), of at most five."""
    plots = [plot for _, row in rows for plot in row]
    controls = [c for c in looks
                if any(c == curve.control for plot in plots
                       for curve in plot.curves)]
    tall = 130
    above = 28 + (20 if any(heading for heading, _ in rows) else 0)
    pitch = above + tall + 42
    chart = Chart(title, subtitle, pitch * len(rows),
                  [looks[c] for c in controls], command)
    columns = max(len(row) for _, row in rows)
    gap = 58
    wide = (WIDTH - RIGHT - LEFT - 50 - gap * (columns - 1)) / columns
    for number, (heading, row) in enumerate(rows):
        top = chart.top + pitch * number + above
        chart.drawing.text(LEFT, top - 34, heading, 14, weight="bold")
        # One scale a row, so that its plots can be compared. What waited for
        # a retransmission arrives at once: such peaks are cut off.
        highest = max(v for plot in row for curve in plot.curves
                      for _, v in curve.points)
        most = max(plot.most or 0 for plot in row)
        axis = Axis(top + tall, top, [min(highest, 1.2 * most or highest)])
        for place, plot in enumerate(row):
            left = LEFT + 50 + (wide + gap) * place
            series_panel(chart.drawing, axis, left, left + wide, plot, looks)
    return chart.svg()


def series_panel(d, axis, left, right, plot, looks):
    bottom = axis.bottom
    d.text(left, axis.top - 10, clipped(plot.title, 13, right - left), 13,
           weight="bold")
    axis_lines(d, axis, left, right)
    end = max((t for curve in plot.curves for t, _ in curve.points),
              default=1)
    step = nice_step(end / 5)
    for count in range(int(end / step + 1e-9) + 1):
        x = left + (right - left) * step * count / end
        d.line(x, bottom, x, bottom + 4, "#999")
        d.text(x, bottom + 17, short(step * count), 12, "middle", SOFT)
    d.text((left + right) / 2, bottom + 32, "time, s", 12, "middle", SOFT)
    if plot.most:
        d.line(left, axis.y(plot.most), right, axis.y(plot.most), "#777",
               "4 3")
    for curve in plot.curves:
        d.polyline([(left + (right - left) * t / end, axis.y(v))
                    for t, v in curve.points], looks[curve.control].colour,
                   0.9 if curve.faint else 1.8,
                   opacity=0.6 if curve.faint else 1.0)
    d.line(left, bottom, right, bottom, "#999")
