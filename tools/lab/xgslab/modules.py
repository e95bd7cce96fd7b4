# SPDX-License-Identifier: GPL-2.0-or-later
"""The modules, built against a kernel in a copy of the tree.

A copy per kernel, so that the kernels' object files never meet each other or
those of a build by hand."""

import os
import shutil
import subprocess
import sys

from . import paths, sid, tools
from .errors import LabError

# Folders of the repository that no module is built from.
NOT_SOURCE = {"build", "selftests", "tools", "Documentation", "debian"}


def folder(kernel):
    return paths.BUILD / "modules" / kernel.name


def lock_file(kernel):
    return paths.BUILD / "modules" / f"{kernel.name}.lock"


def build(kernel, repo=paths.REPO):
    """The .ko files, in build/modules/<name>/; call under lock_file()."""
    out = folder(kernel)
    flags = os.environ.get("KCFLAGS", "")
    key = f"{repo}\n{kernel.kdir}\n{kernel.release}\n{flags}\n"
    key_file = out / "built-for"
    done = out / "built"
    if out.exists() and (not key_file.exists()
                         or key_file.read_text(encoding="utf-8") != key):
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    key_file.write_text(key, encoding="utf-8")

    if copy_tree(repo, out / "src") or not done.exists():
        done.unlink(missing_ok=True)
        # make leaves a module that is no longer asked for.
        for old in (out / "src").rglob("*.ko"):
            old.unlink()
        make(kernel, out / "src")
        for old in out.glob("*.ko"):
            old.unlink()
        for built in sorted((out / "src").rglob("*.ko")):
            shutil.copy2(built, out / built.name)
        done.touch()
    return sorted(out.glob("*.ko"))


def is_source(name):
    return (name.endswith((".c", ".h", ".S")) and not name.endswith(".mod.c")
            or name == "Makefile" or name.startswith(("Kbuild", "Kconfig")))


def sources(top):
    """Paths below `top`, relative, of what a build of the modules reads."""
    for here, folders, files in os.walk(top):
        relative = os.path.relpath(here, top)
        if relative == ".":
            folders[:] = [f for f in folders if f not in NOT_SOURCE]
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(files):
            if is_source(name):
                yield os.path.normpath(os.path.join(relative, name))


def copy_tree(top, copy):
    """Bring a copy up to date; True if that changed anything.

    By content: an unchanged file keeps its time stamp and make leaves it
    alone, a changed one gets a new stamp whatever its own was."""
    changed = False
    wanted = set(sources(top))
    if copy.exists():
        for name in set(sources(copy)) - wanted:
            (copy / name).unlink()
            changed = True
    for name in sorted(wanted):
        data = (top / name).read_bytes()
        target = copy / name
        if not target.exists() or target.read_bytes() != data:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            changed = True
    return changed


def make(kernel, source, **environment):
    program = tools.find("make", "make")
    if not (kernel.kdir / "include/config/kernel.release").exists():
        raise LabError(f"no kernel headers in {kernel.kdir}")
    argv = [program, "-C", str(kernel.kdir), f"M={source}"]
    if kernel.tree:
        argv = [*sid.inside(kernel, source), "make", "-C",
                f"/{kernel.kdir.relative_to(kernel.tree)}", "M=/mnt"]
    argv += [f"-j{os.cpu_count() or 1}", *kernel.make_args, "modules"]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          errors="replace",
                          env=tools.clean_env(**environment), check=False)
    (source.parent / "build.log").write_text(done.stdout, encoding="utf-8")
    if done.returncode:
        sys.stderr.write(done.stdout)
        raise LabError(f"the modules do not build against {kernel.release}")
    warnings = [line for line in done.stdout.splitlines()
                if "warning:" in line or "WARNING:" in line]
    for line in warnings:
        print(line, file=sys.stderr)
