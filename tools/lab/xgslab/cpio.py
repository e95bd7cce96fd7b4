# SPDX-License-Identifier: GPL-2.0-or-later
"""A cpio archive (format newc) that depends on its content only.

Names come sorted, times and inode numbers are fixed, everything belongs to
root. The format: Documentation/driver-api/early-userspace/buffer-format.rst
in the kernel's tree."""

import os
import stat
from pathlib import Path

MTIME = 1767225600      # 2026-01-01, when the guest's clock starts


class Archive:
    def __init__(self):
        self.entries = {}

    def folder(self, name, mode=0o755):
        self._add(name, stat.S_IFDIR | mode, b"")

    def file(self, name, data, mode=0o644):
        """`data` is bytes, or the Path of a file."""
        self._add(name, stat.S_IFREG | mode, data)

    def link(self, name, target):
        self._add(name, stat.S_IFLNK | 0o777, os.fsencode(target))

    def device(self, name, major, minor, mode=0o600):
        self._add(name, stat.S_IFCHR | mode, b"", (major, minor))

    def tree(self, name, source):
        """A host file or folder with all below it, as `name`."""
        source = Path(source)
        if source.is_symlink():
            self.link(name, os.readlink(source))
        elif source.is_dir():
            self.folder(name)
            for item in source.iterdir():
                if item.name not in ("__pycache__", ".git"):
                    self.tree(f"{name}/{item.name}", item)
        elif source.is_file():
            executable = os.access(source, os.X_OK)
            self.file(name, source, 0o755 if executable else 0o644)

    def _add(self, name, mode, data, device=(0, 0)):
        name = name.strip("/")
        parent = os.path.dirname(name)
        if parent and parent not in self.entries:
            self.folder(parent)
        self.entries[name] = (mode, data, device)

    def write(self, out):
        inode = 0
        for name in sorted(self.entries):
            mode, data, device = self.entries[name]
            if isinstance(data, Path):
                data = data.read_bytes()
            inode += 1
            record(out, name, inode, mode, data, device)
        record(out, "TRAILER!!!", 0, 0, b"", (0, 0))
        # Archives are concatenated: keep the next one aligned.
        out.write(bytes(-out.tell() % 512))


def record(out, name, inode, mode, data, device):
    encoded = os.fsencode(name) + b"\0"
    links = 2 if stat.S_ISDIR(mode) else 1
    fields = (inode, mode, 0, 0, links, MTIME, len(data), 0, 0,
              *device, len(encoded), 0)
    header = "070701" + "".join(f"{field:08x}" for field in fields)
    block = header.encode("ascii") + encoded
    out.write(block + bytes(-len(block) % 4))
    out.write(data + bytes(-len(data) % 4))
