# SPDX-License-Identifier: GPL-2.0-or-later
"""What the demo measured: for a terminal, as a table, as SVG."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from svg import Drawing     # noqa: E402

NAMES = {"xgs": "xgs", "cubic": "CUBIC", "bbr": "BBR"}
COLOURS = {"xgs": "#12806a", "cubic": "#d9822b", "bbr": "#5f6fc1"}
KM_PER_MS = 100     # of base RTT: light in fibre, there and back


def distances(results):
    return list(dict.fromkeys((r["rtt_ms"], r["loss_percent"])
                              for r in results))


def controls(results):
    return list(dict.fromkeys(r["control"] for r in results))


def buffer_ms(setting):
    return setting["buffer_bytes"] * 8 / setting["rate_mbit"] / 1000


def scene(setting):
    return (f"Linux {setting['kernel']}, one flow at a time, "
            f"{setting['rate_mbit']} Mbit/s, "
            f"tail-drop buffer of {setting['buffer_bytes'] // 1000} kB "
            f"({buffer_ms(setting):.0f} ms), MTU {setting['mtu']}")


def window(setting):
    return (f"{setting['duration_s']} s from its start; queueing delay from "
            f"second {setting['settle_s']} on")


# --- terminal -------------------------------------------------------------

BAR = 22


def bar(value, most, glyph, width=BAR):
    return glyph * round(min(value / most, 1) * width)


def terminal(results, setting, encoding):
    glyphs = "█░"
    try:
        glyphs.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        glyphs = "#-"
    lines = [scene(setting),
             f"each flow over {window(setting)}",
             "",
             f"{'':7}{'throughput, Mbit/s':31}{'queue, ms:':12}p50    p99"
             f"{'':13}resent"]
    for rtt_ms, loss in distances(results):
        lines.append(f"{rtt_ms} ms, {rtt_ms * KM_PER_MS} km"
                     + (f", {loss} % random loss" if loss else ""))
        for r in results:
            if r["rtt_ms"] == rtt_ms:
                lines.append(terminal_row(r, setting, glyphs))
    return "\n".join(lines)


def terminal_row(r, setting, glyphs):
    full = buffer_ms(setting)
    rate = bar(r["goodput_mbit"], setting["rate_mbit"], glyphs[0])
    delay = bar(r["queue_p50_ms"], full, glyphs[0], 20)
    tail = bar(r["queue_p99_ms"], full, glyphs[1], 20)[len(delay):]
    return (f" {NAMES[r['control']]:6}{rate:{BAR}} {r['goodput_mbit']:6.1f}  "
            f"{delay + tail:20} {r['queue_p50_ms']:5.1f}  "
            f"{r['queue_p99_ms']:5.1f}  {r['retransmitted_percent']:5.2f} %")


# --- Markdown -------------------------------------------------------------

def markdown(results):
    lines = ["| base RTT | random loss | control | throughput, Mbit/s | "
             "queue p50, ms | p99, ms | resent |",
             "|---|---|---|--:|--:|--:|--:|"]
    for r in results:
        lines.append(
            f"| {r['rtt_ms']} ms, {r['rtt_ms'] * KM_PER_MS} km "
            f"| {r['loss_percent']} % | {NAMES[r['control']]} "
            f"| {r['goodput_mbit']:.1f} | {r['queue_p50_ms']:.1f} "
            f"| {r['queue_p99_ms']:.1f} | {r['retransmitted_percent']:.2f} % |")
    return "\n".join(lines) + "\n"


# --- SVG ------------------------------------------------------------------

WIDTH, HEIGHT = 1000, 430
TOP, BOTTOM = 108, 350
PANELS = ((62, 500), (562, 1000 - 16))


class Panel:
    """Grouped bars: a group per distance, a bar per control."""

    def __init__(self, drawing, edges, most, results):
        self.drawing = drawing
        self.left, self.right = edges
        self.most = most
        self.results = results

    def y(self, value):
        return BOTTOM - min(value / self.most, 1) * (BOTTOM - TOP)

    def axes(self, title, step, limit):
        d = self.drawing
        d.text(self.left, TOP - 26, title, 15, weight="bold")
        value = 0
        while value <= self.most:
            d.line(self.left, self.y(value), self.right, self.y(value), "#ddd")
            d.text(self.left - 6, self.y(value) + 4, f"{value:g}",
                   anchor="end", colour="#666")
            value += step
        d.line(self.left, self.y(limit), self.right, self.y(limit), "#999",
               "4 3")

    def bars(self, draw_bar):
        groups = distances(self.results)
        names = controls(self.results)
        pitch = (self.right - self.left) / len(groups)
        width = pitch * 0.88 / len(names)
        for g, (rtt_ms, loss) in enumerate(groups):
            left = self.left + pitch * (g + 0.06)
            middle = left + width * len(names) / 2
            self.drawing.text(middle, BOTTOM + 18, f"{rtt_ms} ms", 14,
                              "middle", weight="bold")
            self.drawing.text(middle, BOTTOM + 35,
                              f"{rtt_ms * KM_PER_MS} km", 12, "middle",
                              "#666")
            if loss:
                self.drawing.text(middle, BOTTOM + 51, f"{loss} % loss", 12,
                                  "middle", "#666")
            for r in self.results:
                if r["rtt_ms"] == rtt_ms:
                    x = left + width * names.index(r["control"])
                    draw_bar(self, r, x + 1.5, width - 3)


def throughput_bar(panel, r, x, width):
    y = panel.y(r["goodput_mbit"])
    panel.drawing.rect(x, y, width, BOTTOM - y, COLOURS[r["control"]])
    panel.drawing.text(x + width / 2, y - 4, f"{r['goodput_mbit']:.0f}", 12,
                       "middle")


def queue_bar(panel, r, x, width):
    colour = COLOURS[r["control"]]
    p50, p99 = panel.y(r["queue_p50_ms"]), panel.y(r["queue_p99_ms"])
    panel.drawing.rect(x, p99, width, BOTTOM - p99, colour, 0.35)
    panel.drawing.rect(x, p50, width, BOTTOM - p50, colour)
    panel.drawing.text(x + width / 2, p99 - 4, f"{r['queue_p99_ms']:.1f}", 12,
                       "middle")


def svg(results, setting):
    d = Drawing(WIDTH, HEIGHT)
    title = "Two sites, four distances"
    d.text(18, 28, title, 19, weight="bold", colour="#111")
    d.text(18, 48, scene(setting), 13, colour="#666")
    x = WIDTH - 16 - 90 * len(controls(results))
    for name in controls(results):
        d.rect(x, 17, 13, 13, COLOURS[name])
        d.text(x + 19, 28, NAMES[name], 14)
        x += 90

    rate = setting["rate_mbit"]
    panel = Panel(d, PANELS[0], rate, results)
    panel.axes("Throughput, Mbit/s (dashed: the link)", rate / 4, rate)
    panel.bars(throughput_bar)

    full = buffer_ms(setting)
    panel = Panel(d, PANELS[1], full, results)
    panel.axes("Queueing delay, ms (dashed: the buffer is full)", full / 4,
               full)
    panel.bars(queue_bar)

    d.text(18, HEIGHT - 10, f"Each flow over {window(setting)}: the bar is "
           "the median, its pale part and the figure are p99. "
           f"Seed {setting['seed']}.", 12, colour="#666")
    return d.document(title)
