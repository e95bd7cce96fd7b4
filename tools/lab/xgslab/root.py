# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's root, in memory, as archives end to end:

base      programs and libraries of the host, /init; the same for every kernel
rdma      the same of RDMA, if asked for
modules   lib/modules/<release>: the stock modules below, and ours
overlay   the selftests, what the user adds, the command

The kernel unpacks concatenated archives in turn."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import cache, cpio, paths, tools
from .errors import LabError
from .machine import MARK_START

ALL = None      # every program of a package

# Debian packages and which of their programs the root has; the packages are
# listed in tools/lab/packages too.
PROGRAMS = {
    "bash": ("bash",),
    "coreutils": ALL,
    "dash": ("sh", "dash"),
    "diffutils": ("cmp", "diff"),
    "ethtool": ALL,
    "findutils": ALL,
    "grep": ALL,
    "gzip": ("gzip",),
    "iperf3": ALL,
    "iproute2": ("bridge", "ip", "nstat", "rdma", "ss", "tc"),
    "iputils-ping": ALL,
    "jq": ALL,
    "kmod": ALL,
    "mawk": ALL,
    "mount": ("losetup", "mount", "umount"),
    "procps": ALL,
    "sed": ALL,
    "tar": ("tar",),
    "tcpdump": ALL,
    "util-linux": ("chrt", "dmesg", "findmnt", "flock", "getopt", "lsns",
                   "mountpoint", "nsenter", "prlimit", "setpriv", "setsid",
                   "taskset", "unshare"),
}

# With --rdma. libibverbs loads its drivers by name, so ldd does not know them.
RDMA_PROGRAMS = {
    "ibverbs-utils": ALL,
    "perftest": ("ib_read_bw", "ib_read_lat", "ib_send_bw", "ib_send_lat",
                 "ib_write_bw", "ib_write_lat"),
}
RDMA_DRIVER = ("ibverbs-providers", "rxe")
RDMA_MODULES = "rdma_rxe ib_uverbs 8021q".split()

# Files that programs read at run time.
DATA = {
    "iproute2": ("/etc/iproute2/", "/tc/"),
}

# Stock modules, with all that they depend on.
MODULES = """
veth dummy ifb tun bridge macvlan vrf vxlan ipip ip_gre sit
sch_netem sch_tbf sch_fq sch_fq_codel sch_codel sch_red sch_ingress sch_prio
sch_htb sch_sfq sch_pie sch_fq_pie sch_cake sch_ets sch_mqprio sch_multiq
act_mirred act_gact act_police act_skbedit act_bpf act_pedit act_csum
cls_u32 cls_matchall cls_flower cls_basic cls_fw cls_bpf em_u32 em_meta
tcp_dctcp tcp_bbr tcp_htcp tcp_vegas tcp_westwood tcp_illinois tcp_cdg
tcp_diag udp_diag raw_diag unix_diag af_packet_diag netlink_diag
nf_tables nf_conntrack nft_ct nft_limit nft_reject_inet
crc32_generic crc32c_generic
""".split()
# Newer kernels have them inside of other code.
MERGED_MODULES = {"crc32_generic", "crc32c_generic"}

FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n"
                  "nobody:x:65534:65534:nobody:/:/bin/sh\n",
    # Mounted in this order by /init; an absent file system is no fault of ours.
    "etc/fstab": "".join(f"{kind} {place} {kind} {options} 0 0\n"
                         for kind, place, options in (
        ("proc", "/proc", "defaults"),
        ("sysfs", "/sys", "defaults"),
        ("devtmpfs", "/dev", "defaults"),
        ("devpts", "/dev/pts", "X-mount.mkdir"),
        ("tmpfs", "/dev/shm", "X-mount.mkdir,mode=1777"),
        ("tmpfs", "/run", "mode=755"),
        ("tmpfs", "/tmp", "mode=1777"),
        ("debugfs", "/sys/kernel/debug", "nofail"),
        ("tracefs", "/sys/kernel/tracing", "nofail"),
        ("bpf", "/sys/fs/bpf", "nofail"))),
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/hosts": "127.0.0.1 localhost xgs-lab\n::1 localhost\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


def pack(options, kernel, kos, initrd):
    """Write the whole root to `initrd`."""
    with open(initrd, "wb") as out:
        with open(base(), "rb") as source:
            shutil.copyfileobj(source, out)
        if options.rdma:
            rdma().write(out)
        modules(kernel, kos, wanted_modules(options, kernel)).write(out)
        overlay(options).write(out)


# --- base -----------------------------------------------------------------

def base():
    """The archive of programs, made once per state of the host's packages."""
    init = paths.LAB / "init"
    if MARK_START not in init.read_text(encoding="utf-8"):
        raise LabError("init does not write the mark that machine.py names")
    state = os.stat("/var/lib/dpkg/status")
    key = hashlib.sha256(init.read_bytes())
    key.update(Path(__file__).read_bytes())
    key.update(f"{state.st_mtime_ns} {state.st_size}".encode("ascii"))
    archive = paths.cache() / "root" / f"base-{key.hexdigest()[:16]}.cpio"
    with cache.lock(archive.parent / ".lock"):
        if not archive.exists():
            content = base_content(init)
            with cache.new_file(archive) as out:
                content.write(out)
    return archive


def collect():
    """Remove the bases of earlier states of the host."""
    keep = base()
    with cache.lock(keep.parent / ".lock"):
        for old in keep.parent.iterdir():
            if old not in (keep, keep.parent / ".lock"):
                old.unlink()


def base_content(init):
    archive = cpio.Archive()
    for folder in (".", "dev", "lab", "proc", "root", "run", "sys", "tmp", "var",
                   "xgs/out"):
        archive.folder(folder)
    for name in ("bin", "sbin", "lib", "lib64"):
        archive.folder(f"usr/{name}")
        archive.link(name, f"usr/{name}")
    archive.link("var/run", "../run")
    # /init copies these to /dev once that is mounted.
    archive.link("lab/dev/fd", "/proc/self/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        archive.link(f"lab/dev/{name}", f"/proc/self/fd/{number}")
    archive.link("etc/mtab", "/proc/self/mounts")
    archive.device("dev/console", 5, 1)
    archive.device("dev/null", 1, 3, 0o666)
    for name, text in FILES.items():
        archive.file(name, text.encode("ascii"))
    archive.file("init", init, 0o755)

    add_programs(archive, PROGRAMS, [])
    archive.link("usr/bin/awk", "mawk")
    return archive


def rdma():
    """What RDMA takes beside the base."""
    archive = cpio.Archive()
    package, driver = RDMA_DRIVER
    drivers = []
    for path in package_files(package):
        if path.endswith(f"/{driver}.driver"):
            archive.file(path.lstrip("/"), Path(path))
        elif os.path.basename(path).startswith(f"lib{driver}-"):
            archive.file(usr_path(path), Path(path), 0o755)
            drivers.append(path)
    if not drivers:
        raise LabError(f"the package {package} has no driver {driver}")
    add_programs(archive, RDMA_PROGRAMS, drivers)
    return archive


def add_programs(archive, packages, elves):
    """Programs, and the libraries of both them and `elves`."""
    elves = list(elves)
    for package, programs in packages.items():
        for name, path in package_programs(package, programs).items():
            real = add_host_file(archive, path)
            if f"usr/{name}" not in archive.entries:
                archive.link(f"usr/{name}", f"/{real}")
            with open(path, "rb") as start:
                if start.read(4) == b"\x7fELF":
                    elves.append(path)
        for path in package_files(package):
            if any(part in path for part in DATA.get(package, ())) \
                    and os.path.isfile(path):
                archive.file(path, Path(os.path.realpath(path)))
    for library in libraries(elves):
        real = add_host_file(archive, library)
        name = usr_path(library)
        if name not in archive.entries:
            archive.link(name, f"/{real}")


def usr_path(path):
    """Where a host path is in the root, which has /bin as a link."""
    path = str(path).lstrip("/")
    return path if path.startswith("usr/") else f"usr/{path}"


def add_host_file(archive, path):
    real = os.path.realpath(path)
    name = usr_path(real)
    archive.file(name, Path(real), 0o755)
    return name


def package_files(package):
    query = tools.find("dpkg-query", "dpkg")
    done = subprocess.run([query, "-L", package], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"the package {package} is missing: run `make deps`")
    return done.stdout.splitlines()


def package_programs(package, wanted):
    """{"bin/name": host path} of a package's programs."""
    found = {}
    for path in package_files(package):
        folder, name = os.path.split(path)
        if folder in ("/bin", "/sbin", "/usr/bin", "/usr/sbin") \
                and (wanted is ALL or name in wanted) \
                and os.path.isfile(path):
            found[f"{os.path.basename(folder)}/{name}"] = path
    missing = set(wanted or ()) - {os.path.basename(name) for name in found}
    if missing or not found:
        raise LabError(f"the package {package} lacks its programs "
                       f"{' '.join(sorted(missing))}: reinstall it")
    return found


def libraries(elves):
    """All shared libraries of some programs, and the loader."""
    ldd = tools.find("ldd", "libc-bin")
    text = tools.output([ldd, *elves], "ldd", env=tools.clean_env())
    found = set()
    for line in text.splitlines():
        if "not found" in line:
            raise LabError(f"a library is missing on the host: {line.strip()}")
        for word in line.split():
            if word.startswith("/") and not word.endswith(":"):
                found.add(word)
    return sorted(found)


# --- modules --------------------------------------------------------------

def wanted_modules(options, kernel):
    """Names of stock modules; a kernel of our own has much built in."""
    if options.rdma and not kernel.stock_modules:
        raise LabError(f"the kernel {kernel.name} has no soft-RoCE")
    return [*(MODULES if kernel.all_modules else ()),
            *(RDMA_MODULES if options.rdma else ())]


def modules(kernel, kos, wanted):
    """lib/modules/<release> with what depmod makes of it."""
    top = f"lib/modules/{kernel.release}"
    depmod = tools.find("depmod", "kmod")
    strip = tools.find("strip", "binutils")
    archive = cpio.Archive()
    with tempfile.TemporaryDirectory(prefix="xgs-modules-") as temp:
        stage = Path(temp) / top
        stage.mkdir(parents=True)
        if kernel.stock_modules:
            for name in ("modules.builtin", "modules.builtin.modinfo"):
                if (kernel.stock_modules / name).exists():
                    shutil.copy(kernel.stock_modules / name, stage)
            for name in closure(kernel.stock_modules, wanted):
                target = stage / name
                target.parent.mkdir(parents=True, exist_ok=True)
                os.symlink(kernel.stock_modules / name, target)
        for path in kos:
            (stage / "updates").mkdir(exist_ok=True)
            tools.output([strip, "--strip-debug", "-o",
                          str(stage / "updates" / path.name), str(path)],
                         "strip")
        tools.output([depmod, "-b", temp, kernel.release], "depmod")
        for path in sorted(stage.rglob("*")):
            if path.is_file():
                archive.file(f"usr/{top}/{path.relative_to(stage)}",
                             path.read_bytes())
    return archive


def closure(folder, names):
    """Files, relative to `folder`, of modules and what they depend on."""
    dependencies = {}
    files = {}
    text = (folder / "modules.dep").read_text(encoding="ascii")
    for line in text.splitlines():
        path, _, needs = line.partition(":")
        dependencies[path] = needs.split()
        files[module_name(path)] = path
    builtin = {module_name(path) for path in
               (folder / "modules.builtin").read_text("ascii").split()}
    wanted = set()
    for name in names:
        if name in files:
            wanted.update([files[name], *dependencies[files[name]]])
        elif name not in builtin | MERGED_MODULES:
            raise LabError(f"{folder.name} has no module {name}")
    return sorted(wanted)


def module_name(path):
    return os.path.basename(path).split(".ko")[0].replace("-", "_")


# --- overlay --------------------------------------------------------------

def overlay(options):
    archive = cpio.Archive()
    if options.selftests and (paths.REPO / "selftests").is_dir():
        archive.tree("xgs/selftests", paths.REPO / "selftests")
    for source, destination in options.add:
        if not Path(source).exists():
            raise LabError(f"--add: there is no {source}")
        archive.tree(os.path.normpath(os.path.join("xgs", destination)),
                     source)
    archive.file("lab/command", strings(options.command))
    archive.file("lab/environment", strings(options.env))
    if options.out:
        archive.file("lab/wants-out", b"")
    return archive


def strings(words):
    return b"".join(os.fsencode(word) + b"\0" for word in words)
