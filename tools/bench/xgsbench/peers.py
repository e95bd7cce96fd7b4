# SPDX-License-Identifier: GPL-2.0-or-later
"""The controls that are compared: peers.toml."""

import re
from dataclasses import dataclass
from pathlib import Path

from . import paths, table
from .errors import InputError


@dataclass(frozen=True)
class Peer:
    name: str
    label: str
    colour: str
    cc: str
    ecn: bool
    where: str
    default: bool
    modules: tuple      # names of ours, or Paths
    sysctls: tuple      # (name, value)
    tunables: tuple     # (file below /sys/kernel/xgs, value)


def load(path=paths.PEERS):
    """{name: Peer} in the file's order."""
    content = table.load(path)
    top = table.Table(paths.show(path), {"": content}).table("")
    return {name: peer(name, entry, Path(path).parent)
            for name, entry in top.items()}


def peer(name, entry, folder):
    entry.key = name
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,30}", name):
        entry.fail("a control's name is of a-z, 0-9, - and _")
    result = Peer(
        name=name,
        label=entry.take("label", table.text, name),
        colour=entry.take("colour", colour),
        cc=entry.take("cc", control, name),
        ecn=entry.take("ecn", table.boolean, False),
        where=entry.take("where", table.one_of("any", "marks"), "any"),
        default=entry.take("default", table.boolean, True),
        modules=tuple(module(entry, word, folder)
                      for word in entry.take("modules", table.words, [])),
        sysctls=tuple(sorted(entry.take("sysctls", sysctls, {}).items())),
        tunables=tuple(sorted(entry.take("tunables", tunables, {}).items())))
    entry.end()
    return result


def colour(value):
    if not isinstance(value, str) \
            or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError('must be like "#0b6e4f"')
    return value


def control(value):
    # TCP_CA_NAME_MAX is 16
    if not isinstance(value, str) \
            or not re.fullmatch(r"[A-Za-z0-9_-]{1,15}", value):
        raise ValueError("must be the name of a congestion control")
    return value


def module(entry, word, folder):
    if "/" not in word and not word.endswith(".ko"):
        return word
    path = (folder / word).resolve()
    if not path.is_file():
        entry.fail(f"there is no module {word}", "modules")
    return path


def settings(what, names, fits):
    """How to parse a table of them: what their names are, what fits as a value."""
    def parse(value):
        if not isinstance(value, dict):
            raise ValueError("must be a table")
        for name, word in value.items():
            if not re.fullmatch(names, name) or not fits(word):
                raise ValueError(f"{name} = {word!r} is no {what}")
        return {name: str(word) for name, word in value.items()}
    return parse


sysctls = settings("sysctl", r"[a-z0-9_./-]+",
                   lambda word: re.fullmatch(r"[\w .-]+", str(word)))
tunables = settings("tunable", r"[a-z0-9_]+(/[a-z0-9_]+)*",
                    lambda word: type(word) is int)  # True is none


def select(known, names, where):
    """The peers of these names."""
    for name in names:
        if name not in known:
            raise InputError(where, f"unknown control {name} (known: "
                             f"{', '.join(known)})")
    return [known[name] for name in dict.fromkeys(names)]
