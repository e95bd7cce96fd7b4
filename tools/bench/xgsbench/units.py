# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers with units, as cases write them.

Factors are decimal (1K = 1000 bytes), as they are on links. Time is kept in
whole microseconds, size in whole bytes, rate in whole bit/s."""

import re

NUMBER = r"(\d+(?:\.\d+)?)"

RATES = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
SIZES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9,
         "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
TIMES = {"us": 1, "ms": 10**3, "s": 10**6}


def scaled(value, factors, example):
    match = re.fullmatch(rf"{NUMBER}([A-Za-z]+)", value) \
        if isinstance(value, str) else None
    if not match or match[2] not in factors:
        raise ValueError(f"{value!r} is not like {example}")
    return float(match[1]) * factors[match[2]]


def rate(value):
    bits = round(scaled(value, RATES, '"2.5G" (bit/s)'))
    if bits <= 0:
        raise ValueError("a rate must be above 0")
    if bits > 10**12:
        raise ValueError(f"{value} is above 1T")
    return bits


def size(value):
    return round(scaled(value, SIZES, '"64KB"'))


def duration(value, rtt_us=None):
    """A sum such as "2s+40rtt"; rtt is the longest of the case. 0 is 0."""
    if value == 0 and not isinstance(value, bool):
        return 0
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is not like "30ms"')
    factors = dict(TIMES)
    example = '"30ms"'
    if rtt_us is not None:
        factors["rtt"] = rtt_us
        example = '"2s+40rtt"'
    return sum(round(scaled(term.strip(), factors, example))
               for term in value.split("+"))


def fraction(value):
    """A per cent value as a fraction; 0 is 0."""
    if value == 0 and not isinstance(value, bool):
        return 0.0
    match = re.fullmatch(rf"{NUMBER}%", value) \
        if isinstance(value, str) else None
    if not match or float(match[1]) > 100:
        raise ValueError(f'{value!r} is not like "0.1%"')
    return float(match[1]) / 100


def percent(part):
    """How tc is told a fraction."""
    return f"{part * 100:.10f}".rstrip("0").rstrip(".") + "%"
