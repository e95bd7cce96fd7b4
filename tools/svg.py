# SPDX-License-Identifier: GPL-2.0-or-later
"""Drawing SVG by hand: what the pictures of all tools share."""

from xml.sax.saxutils import escape

FONT = "Helvetica, Arial, sans-serif"
INK, SOFT, GRID = "#333", "#666", "#ddd"


class Drawing:
    """Shapes in the order they were drawn, on white."""

    def __init__(self, width, height):
        self.width = width
        self.height = height
        self.parts = []

    def text(self, x, y, words, size=13, anchor="start", colour=INK,
             weight="normal"):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" '
            f'text-anchor="{anchor}" fill="{colour}" '
            f'font-weight="{weight}">{escape(words)}</text>')

    def rect(self, x, y, width, height, colour, opacity=1.0):
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
            f'height="{height:.1f}" fill="{colour}" '
            f'fill-opacity="{opacity}"/>')

    def line(self, x1, y1, x2, y2, colour, dashes="", width=1.0):
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{colour}" stroke-width="{width}"'
            + (f' stroke-dasharray="{dashes}"' if dashes else "") + "/>")

    def polyline(self, points, colour, width=1.6, opacity=1.0):
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(
            f'<polyline points="{places}" fill="none" stroke="{colour}" '
            f'stroke-width="{width}" stroke-opacity="{opacity}" '
            'stroke-linejoin="round"/>')

    def dot(self, x, y, radius, colour):
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" '
            f'fill="{colour}"/>')

    def document(self, title):
        return "\n".join([
            '<?xml version="1.0" encoding="UTF-8"?>',
            "<!-- SPDX-License-Identifier: GPL-2.0-or-later -->",
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
            f'viewBox="0 0 {self.width} {self.height}" '
            f'font-family="{FONT}">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{self.width}" height="{self.height}" '
            'fill="#fff"/>',
            *self.parts, "</svg>", ""])


def width_of(words, size):
    """Roughly, in the fonts above."""
    return 0.56 * size * len(words)
