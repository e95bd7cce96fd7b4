# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernels, unpacked from their packages into the cache.

Nothing is installed: `apt-get download` and `dpkg -x`."""

import contextlib
import lzma
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import cache, paths, tools
from .errors import LabError
from .machine import Kernel

SERIES = ("6.1", "6.12")


def kernel(series):
    """The newest cached kernel of a series; the first time, fetch it."""
    folder = newest_cached(series)
    if folder is None:
        folder = fetch(series)
    release = (folder / "release").read_text(encoding="ascii").strip()
    return Kernel(name=series, release=release,
                  image=folder / "vmlinux",
                  kdir=folder / "usr/src" / f"linux-headers-{release}",
                  stock_modules=folder / "lib/modules" / release)


def fetch(series, report=print):
    """Have the newest kernel that apt knows in the cache."""
    image, version = resolve(series)
    folder = cache_root() / f"{image}_{version}"
    with cache.lock(lock_file(series)):
        if not folder.exists():
            report(f"lab: fetching {image} {version}")
            with cache.new_folder(folder) as new:
                unpack(image, version, new)
    return folder


def collect():
    """Remove all but the newest kernel of each series, and what killed runs
    left."""
    with contextlib.ExitStack() as locks:
        for series in SERIES:
            locks.enter_context(cache.lock(lock_file(series)))
        keep = {newest_cached(series) for series in SERIES}
        for folder in cache_root().iterdir():
            if folder.is_dir() and folder not in keep:
                shutil.rmtree(folder)


def lock_file(series):
    return cache_root() / f".{series}.lock"


def cache_root():
    return paths.cache() / "kernels"


def newest_cached(series):
    folders = [folder for folder in cache_root().glob("linux-image-*")
               if name_pattern(series).fullmatch(folder.name.split("_")[0])]
    return max(folders, key=lambda folder: version_key(folder.name),
               default=None)


def name_pattern(series):
    """linux-image-6.1.0-56-amd64, linux-image-6.12.117+deb12-amd64"""
    return re.compile(rf"linux-image-{re.escape(series)}\.\d+"
                      r"(\+deb\d+)?(-\d+)?-amd64")


def version_key(name):
    return [int(number) for number in re.findall(r"\d+", name)]


def resolve(series):
    """(package, version) of the newest image of a series in apt's lists."""
    tools.find("apt-cache", "apt")
    names = tools.output(["apt-cache", "pkgnames",
                          f"linux-image-{series}."],
                         "apt-cache", env=tools.clean_env()).split()
    names = [name for name in names if name_pattern(series).fullmatch(name)]
    for name in sorted(names, key=version_key, reverse=True):
        version = candidate(name)
        if version:
            return name, version
    raise LabError(f"apt knows no linux-image-{series}.*-amd64: run `apt-get "
                   "update`, with the security and backports suites enabled")


def candidate(package):
    """The version apt would download, None if it can download none."""
    text = tools.output(["apt-cache", "policy", package], "apt-cache policy",
                        env=tools.clean_env())
    match = re.search(r"Candidate: (\S+)", text)
    return match[1] if match and match[1] != "(none)" else None


def header_packages(release, version):
    """The packages that building a module against a release takes."""
    headers = f"linux-headers-{release}"
    wanted = [f"{headers}={version}"]
    todo = [f"{headers}={version}"]
    while todo:
        text = tools.output(["apt-cache", "show", todo.pop()],
                            "apt-cache show", env=tools.clean_env())
        depends = re.search(r"^Depends: (.*)$", text, re.M)
        for clause in (depends[1] if depends else "").split(","):
            match = re.match(r"\s*(linux-(?:headers|kbuild)-\S+)"
                             r"(?: \(= (\S+)\))?", clause)
            if match:
                package = f"{match[1]}={match[2]}" if match[2] else match[1]
                if package not in wanted:
                    wanted.append(package)
                    todo.append(package)
    return wanted


def unpack(image, version, folder):
    release = image.removeprefix("linux-image-")
    download([f"{image}={version}", *header_packages(release, version)],
             folder)
    # The headers' makefiles name each other by their installed place.
    final = folder.parent / f"{image}_{version}"
    for makefile in folder.glob("usr/src/linux-headers-*/Makefile"):
        text = makefile.read_text(encoding="utf-8")
        makefile.write_text(text.replace("include /usr/src/",
                                         f"include {final}/usr/src/"),
                            encoding="utf-8")
    prepare(folder, release, folder / f"boot/vmlinuz-{release}")


def prepare(folder, release, bzimage, wanted=""):
    """Make an unpacked kernel one that boots, with the modules below
    kernel/`wanted` (the start of a path, or a tuple of some)."""
    modules = folder / "lib/modules" / release
    for packed in modules.rglob("*.ko.xz"):
        if str(packed.relative_to(modules / "kernel")).startswith(wanted):
            packed.with_suffix("").write_bytes(lzma.decompress(
                packed.read_bytes()))
        packed.unlink()
    depmod = tools.find("depmod", "kmod")
    tools.output([depmod, "-b", str(folder), release], "depmod")
    extract_vmlinux(bzimage, folder / "vmlinux")
    (folder / "release").write_text(release + "\n", encoding="ascii")


def download(packages, folder, apt_words=()):
    """Fetch packages and unpack all of them into a folder."""
    tools.find("apt-get", "apt")
    with tempfile.TemporaryDirectory(prefix=".debs-",
                                     dir=folder.parent) as debs:
        # apt's own user cannot write into our folder.
        tools.output(["apt-get", "-q", "-o", "APT::Sandbox::User=root",
                      *apt_words, "download", *packages],
                     "apt-get download (is the network up, was `apt-get "
                     "update` run of late?)", cwd=debs, env=tools.clean_env())
        for package in packages:
            name = package.split("=")[0]
            found = list(Path(debs).glob(f"{name}_*.deb"))
            if len(found) != 1:
                raise LabError(f"apt-get download brought no {name}")
            tools.output(["dpkg", "-x", str(found[0]), str(folder)],
                         f"unpacking {name}")
            found[0].unlink()


def extract_vmlinux(bzimage, vmlinux):
    """Take the ELF out of a bzImage.

    QEMU starts it at its PVH entry, which saves the guest the decompression:
    seconds of emulated CPU. The header's fields: Documentation/arch/x86/
    boot.rst in the kernel's tree."""
    data = bzimage.read_bytes()
    if data[0x202:0x206] != b"HdrS":
        raise LabError(f"{bzimage.name}: not a bzImage")
    sectors = data[0x1f1] or 4
    offset = int.from_bytes(data[0x248:0x24c], "little")
    length = int.from_bytes(data[0x24c:0x250], "little")
    start = (sectors + 1) * 512 + offset
    payload = data[start:start + length]
    if payload.startswith(b"\xfd7zXZ\0"):
        elf = lzma.LZMADecompressor().decompress(payload)
    elif payload.startswith(b"\x28\xb5\x2f\xfd"):
        # The last four bytes are the size, no part of the stream.
        zstd = tools.find("zstd", "zstd")
        done = subprocess.run([zstd, "-dcq"], input=payload[:-4],
                              capture_output=True, check=False)
        elf = done.stdout if done.returncode == 0 else b""
    else:
        elf = b""
    if not elf.startswith(b"\x7fELF"):
        raise LabError(f"{bzimage.name}: no kernel found inside")
    vmlinux.write_bytes(elf)
