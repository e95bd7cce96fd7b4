#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Name the functions that other files can call and that have no kernel-doc.

usage: undocumented.py FILE...

Those are the functions that are not static, and those marked
VISIBLE_IF_KUNIT. The comment may stand with the function or in a header.
"""

import re
import sys

NOT_CODE = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
        | ^[ \t]*\#(?:\\\n|[^\n])*""", re.S | re.M | re.X)
DOCUMENTED = re.compile(r"/\*\*\n[ \t]*\*[ \t]*(\w+)[ \t]*(?:\(\))?[ \t]*[-:]")
CALLED = re.compile(r"(\w+)\s*\(")
ATTRIBUTES = {"__attribute__", "__printf", "__scanf", "__aligned", "__section",
              "__acquires", "__releases", "__must_hold", "__alloc_size"}


def definitions(text):
    """Yield (line, declaration) of everything at file scope with a body."""
    code = NOT_CODE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    braces = parens = start = 0
    for at, char in enumerate(code):
        if char == "(":
            parens += 1
        elif char == ")":
            parens -= 1
        elif parens:
            continue
        elif char == "{":
            if not braces:
                head = code[start:at]
                blank = len(head) - len(head.lstrip())
                yield code.count("\n", 0, start + blank) + 1, head.strip()
            braces += 1
        elif char == "}":
            braces -= 1
            if not braces:
                start = at + 1
        elif char == ";" and not braces:
            start = at + 1


def shared_functions(text):
    for line, head in definitions(text):
        words = set(re.findall(r"\w+", head))
        if "static" in words and "VISIBLE_IF_KUNIT" not in words:
            continue
        if "=" in head or 'extern' in words or "(" not in head:
            continue
        for name in CALLED.findall(head):
            if name not in ATTRIBUTES:
                yield line, name
                break


def main(paths):
    texts = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            texts[path] = file.read()
    in_headers = set()
    for path, text in texts.items():
        if path.endswith(".h"):
            in_headers.update(DOCUMENTED.findall(text))
    found = 0
    for path, text in texts.items():
        documented = in_headers.union(DOCUMENTED.findall(text))
        for line, name in shared_functions(text):
            if name not in documented:
                print(f"{path}:{line}: {name}() has no kernel-doc comment")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__.split("\n\n")[1])
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"undocumented.py: {error}")
