# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's newest kernel, of the suite sid, which this machine need not use.

Its headers take a newer compiler and C library than the machine's: modules are
built in a tree of that suite, which debootstrap makes, by chroot. So it takes
root, and a mirror; apt's own state stays as it is."""

import os
import re
import shutil
from pathlib import Path

from . import cache, kernels, paths, tools
from .errors import LabError
from .machine import Kernel

NAME = "sid"
META = "linux-image-amd64"
BUILD_PACKAGES = "make,gcc,linux-headers-amd64"
# What lab guests load is there; the rest would take gigabytes when unpacked.
MODULE_FOLDERS = ("arch", "crypto", "drivers/char", "drivers/infiniband",
                  "drivers/net", "lib", "net")


def kernel():
    """The newest cached kernel; the first time, fetch it."""
    folder = newest_cached() or fetch()
    release = (folder / "release").read_text(encoding="ascii").strip()
    tree = folder / "tree"
    return Kernel(name=NAME, release=release, image=folder / "vmlinux",
                  kdir=tree / "usr/src" / f"linux-headers-{release}",
                  stock_modules=folder / "lib/modules" / release, tree=tree)


def fetch(report=print):
    """Have the newest kernel of the suite in the cache."""
    if os.geteuid():
        raise LabError(f"a tree of {NAME} takes root")
    with cache.lock(cache_root() / ".lock"):
        uri = mirror()
        words = apt_words(uri)
        tools.output(["apt-get", *words, "update"], "apt-get update",
                     env=tools.clean_env())
        image, version = resolve(words)
        folder = cache_root() / f"{image}_{version}"
        if not folder.exists():
            report(f"lab: fetching {image} {version} and a tree of {NAME}")
            with cache.new_folder(folder) as new:
                unpack(words, uri, image, version, new)
    return folder


def collect():
    """Remove all but the newest kernel."""
    with cache.lock(cache_root() / ".lock"):
        keep = newest_cached()
        for folder in cache_root().glob("linux-image-*"):
            if folder != keep:
                shutil.rmtree(folder)


def cache_root():
    return paths.cache() / NAME


def newest_cached():
    return max(cache_root().glob("linux-image-*"), default=None,
               key=lambda folder: kernels.version_key(folder.name))


def mirror():
    """Where this machine gets its own release from."""
    release = Path("/etc/os-release").read_text(encoding="utf-8")
    codename = re.search(r"^VERSION_CODENAME=(\S+)", release, re.M)
    text = tools.output(
        [tools.find("apt-get", "apt"), "indextargets", "--format",
         "$(REPO_URI)", "Created-By: Packages", "Component: main",
         f"Codename: {codename[1] if codename else ''}"],
        "apt-get indextargets", env=tools.clean_env())
    if not text.strip():
        raise LabError("apt has no source for this release")
    return text.split()[0]


def apt_words(uri):
    """apt's options for a state of its own, in the cache."""
    top = cache_root() / "apt"
    (top / "lists/partial").mkdir(parents=True, exist_ok=True)
    (top / "cache/archives/partial").mkdir(parents=True, exist_ok=True)
    (top / "sources.list").write_text(f"deb {uri} {NAME} main\n",
                                      encoding="utf-8")
    words = {"Dir::Etc::sourcelist": top / "sources.list",
             "Dir::Etc::sourceparts": "/dev/null",
             "Dir::State::lists": top / "lists", "Dir::Cache": top / "cache",
             "APT::Sandbox::User": "root"}
    return [word for key, value in words.items()
            for word in ("-o", f"{key}={value}")]


def show(words, package, field):
    text = tools.output(["apt-cache", *words, "show", package],
                        "apt-cache show", env=tools.clean_env())
    match = re.search(rf"^{field}: (.*)$", text, re.M)
    return match[1] if match else ""


def resolve(words):
    """(package, version) of the image that the metapackage names."""
    match = re.search(r"linux-image-\d\S+", show(words, META, "Depends"))
    if not match:
        raise LabError(f"{META} of {NAME} names no kernel")
    return match[0], show(words, match[0], "Version")


def unpack(words, uri, image, version, folder):
    release = image.removeprefix("linux-image-")
    parts = [image, *re.findall(rf"linux-\w+-{re.escape(release)}",
                                show(words, image, "Depends"))]
    kernels.download([f"{part}={version}" for part in parts], folder, words)
    modules = folder / "lib/modules" / release
    modules.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(folder / "usr/lib/modules" / release, modules)
    kernels.prepare(folder, release, modules / "vmlinuz", MODULE_FOLDERS)
    # It mounts /proc in the tree: if it is killed, that must not stay.
    tools.output([tools.find("unshare", "util-linux"), "--mount",
                  tools.find("debootstrap", "debootstrap"),
                  "--variant=minbase", f"--include={BUILD_PACKAGES}", NAME,
                  str(folder / "tree"), uri], "debootstrap",
                 env=tools.clean_env())
    if not (folder / "tree/usr/src" / f"linux-headers-{release}").is_dir():
        raise LabError(f"{NAME}'s headers are not {release}'s: try again later")


def inside(kernel, source):
    """What runs `make` in the kernel's tree, where `source` is /mnt."""
    script = ('mount --bind "$1" "$2/mnt" && mount -t proc proc "$2/proc" && '
              'tree=$2 && shift 2 && exec chroot "$tree" "$@"')
    return [tools.find("unshare", "util-linux"), "--mount", "--pid", "--fork",
            "sh", "-euc", script, "sh", str(source), str(kernel.tree)]
