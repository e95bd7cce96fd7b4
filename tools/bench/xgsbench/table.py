# SPDX-License-Identifier: GPL-2.0-or-later
"""TOML tables, read strictly: who reads a key says what it may be, and what
nobody reads is an error."""

import tomllib

from . import paths
from .errors import InputError

REQUIRED = object()


def load(path):
    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise InputError(paths.show(path), "there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(paths.show(path), str(error)) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(paths.show(path), f"not TOML: {error}") from None


class Table:
    """`where` names the file and, after it, the place in it."""

    def __init__(self, where, content, key=""):
        self.where = where
        self.key = key
        if not isinstance(content, dict):
            self.fail("must be a table")
        self.content = content
        self.read = set()

    def fail(self, message, key=""):
        place = ".".join(part for part in (self.key, key) if part)
        raise InputError(f"{self.where}: {place}" if place else self.where,
                         message)

    def has(self, key):
        return key in self.content

    def take(self, key, parse, default=REQUIRED):
        """The value of a key, parsed; parse raises ValueError."""
        self.read.add(key)
        if key not in self.content:
            if default is REQUIRED:
                self.fail("is missing", key)
            return default
        try:
            return parse(self.content[key])
        except ValueError as error:
            self.fail(str(error), key)

    def table(self, key):
        """A table of tables; absent is empty."""
        self.read.add(key)
        content = self.content.get(key, {})
        if not isinstance(content, dict):
            self.fail("must be a table", key)
        return {name: Table(self.where, value, self.inside(f"{key}.{name}"))
                for name, value in content.items()}

    def array(self, key):
        """An array of tables; absent is empty."""
        self.read.add(key)
        content = self.content.get(key, [])
        if not isinstance(content, list):
            self.fail(f"must be written as [[{key}]]", key)
        return [Table(self.where, value, self.inside(f"{key}[{number}]"))
                for number, value in enumerate(content)]

    def sub(self, key):
        """One table; absent is empty."""
        self.read.add(key)
        return Table(self.where, self.content.get(key, {}), self.inside(key))

    def inside(self, key):
        return f"{self.key}.{key}" if self.key else key

    def end(self):
        for key in self.content:
            if key not in self.read:
                known = ", ".join(sorted(self.read))
                self.fail(f"unknown key (known: {known})", key)


def text(value):
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be text")
    return value


def boolean(value):
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def integer(low, high):
    def parse(value):
        if isinstance(value, bool) or not isinstance(value, int) \
                or not low <= value <= high:
            raise ValueError(f"must be a whole number, {low} to {high}")
        return value
    return parse


def words(value):
    if not isinstance(value, list) \
            or not all(isinstance(word, str) for word in value):
        raise ValueError("must be a list of names")
    return value


def one_of(*known):
    def parse(value):
        if value not in known:
            raise ValueError(f"{value!r} is none of {', '.join(known)}")
        return value
    return parse
