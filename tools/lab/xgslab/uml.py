# SPDX-License-Identifier: GPL-2.0-or-later
"""User Mode Linux: a kernel of our own that runs as a process.

Built from Debian's linux-source with the patches and the configuration in
tools/lab/uml/, kept in the cache under a name that says what it was built
from. On simulated time (`--time inf`) a run repeats bit for bit."""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys

from . import cache, kernels, machine, paths, tools
from .errors import LabError
from .machine import Kernel

FLAVOURS = ("uml", "uml-san", "uml-rdma")
LOCKS = (".source.lock", *(f".{flavour}.lock" for flavour in FLAVOURS))
PACKAGE = "linux-source-6.1"
FILES = paths.LAB / "uml"

ARCH = ("ARCH=um", "SUBARCH=x86_64")

# Kbuild checks undefined behaviour, and counts the lines that run, only in a
# module that asks. uml-cov is uml for modules that count.
MODULE_ARGS = {"uml": ARCH, "uml-rdma": ARCH,
               "uml-san": (*ARCH, "UBSAN_SANITIZE=y"),
               "uml-cov": (*ARCH, "GCOV_PROFILE=y")}

# Large parts of the source that no configuration of ours reads.
UNREAD = ("arch/[!ux]*/*.[chS]", "*.dts", "*.dtsi",
          "drivers/gpu/*.[ch]", "drivers/media/*.[ch]",
          "drivers/net/ethernet/*.[ch]", "drivers/net/wireless/*.[ch]",
          "drivers/scsi/*.[ch]", "drivers/staging/*.[ch]", "sound/*.[ch]",
          "Documentation/*.rst")

# Megabytes of disk that the work takes at its peak.
SOURCE_MB = 900
BUILD_MB = 300

# 2026-01-01T00:00:00Z, as in QEMU
CLOCK_START_NS = 1_767_225_600 * 10**9


def say(message):
    print(f"lab: {message}", file=sys.stderr, flush=True)


def kernel(options):
    name = options.kernel
    flavour = "uml" if name == "uml-cov" else name
    folder = build(flavour)
    release = (folder / "include/config/kernel.release").read_text(
        encoding="ascii").strip()
    stock = folder / "lib/modules" / release if has_modules(flavour) else None
    return Kernel(name=name, release=release, image=folder / "linux",
                  kdir=folder, stock_modules=stock, all_modules=False,
                  make_args=MODULE_ARGS[name])


def source_version(kernel_):
    """The version of the package that its source is from."""
    return kernel_.kdir.parent.name.rpartition("_")[0]


def digest(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def free_mb(folder):
    try:
        return shutil.disk_usage(folder).free >> 20
    except OSError:
        return 0


def need(folder, megabytes):
    if free_mb(folder) < megabytes:
        raise LabError(f"the disk is full: {folder} has {free_mb(folder)} MB "
                       f"left, this takes {megabytes}")


# -- source --------------------------------------------------------------

# In the cache: uml/<version>_<patches>/source, and beside it the kernels that
# were built from it, <flavour>_<configuration and compiler>.

def cache_root():
    return paths.cache() / "uml"


def patches():
    return sorted(FILES.glob("*.patch"))


def patches_key():
    return digest(*(patch.read_text(encoding="utf-8")
                    for patch in patches()))


def newest_cached():
    """The newest patched source in the cache, or None."""
    return max(cache_root().glob(f"*_{patches_key()}/source"),
               key=lambda folder: kernels.version_key(folder.parent.name),
               default=None)


def fetch(report=say):
    """Have the newest source that apt knows in the cache, patched."""
    tools.find("apt-cache", "apt")
    version = kernels.candidate(PACKAGE)
    if not version:
        raise LabError(f"apt knows no {PACKAGE}: run `apt-get update`")
    folder = cache_root() / f"{version}_{patches_key()}" / "source"
    with cache.lock(cache_root() / ".source.lock"):
        if not folder.exists():
            need(cache_root(), SOURCE_MB)
            report(f"fetching {PACKAGE} {version}")
            with cache.new_folder(folder) as new:
                unpack(version, new)
    return folder


def unpack(version, folder):
    tar = tools.find("tar", "tar")
    tools.find("xz", "xz-utils")
    patch = tools.find("patch", "patch")
    with cache.new_folder(folder / "deb") as deb:
        kernels.download([f"{PACKAGE}={version}"], deb)
    archive = folder / f"deb/usr/src/{PACKAGE}.tar.xz"
    tools.output([tar, "-xf", str(archive), "-C", str(folder),
                  "--strip-components=1", "--wildcards",
                  *(f"--exclude=*/{pattern}" for pattern in UNREAD)],
                 f"unpacking {PACKAGE}")
    shutil.rmtree(folder / "deb")
    for file in patches():
        tools.output([patch, "-d", str(folder), "-p1", "-f", "-i", str(file)],
                     f"applying {file.name}")


def collect():
    """Remove all sources but the newest, and all kernels but the current."""
    source = newest_cached()
    keep = {source}
    with contextlib.ExitStack() as locks:
        for lock in LOCKS:
            locks.enter_context(cache.lock(cache_root() / lock))
        if source:
            keep.update(place(source, flavour) for flavour in FLAVOURS)
        for folder in cache_root().glob("*_*/*"):
            if folder not in keep:
                shutil.rmtree(folder)
        for folder in cache_root().glob("*_*"):
            with contextlib.suppress(OSError):
                folder.rmdir()


# -- build ---------------------------------------------------------------

def config(flavour):
    return "".join((FILES / f"{name}.config").read_text(encoding="utf-8")
                   for name in ("base", flavour))


def has_modules(flavour):
    return "=m\n" in config(flavour)


def place(source, flavour):
    """Where the kernel of a flavour is, or will be."""
    gcc = tools.find("gcc", "gcc")
    compiler = tools.output([gcc, "--version"], "gcc").splitlines()[0]
    return source.parent / f"{flavour}_{digest(config(flavour), compiler)}"


def build(flavour, report=say):
    """The tree that has the kernel and that modules are built against."""
    source = newest_cached() or fetch(report)
    folder = place(source, flavour)
    built = folder / "built"
    if not built.exists():
        with cache.lock(cache_root() / f".{flavour}.lock"):
            if not built.exists():
                need(cache_root(), BUILD_MB)
                report(f"building the kernel {flavour}, which takes minutes")
                compile_kernel(source, folder, flavour)
                built.touch()
    return folder


def compile_kernel(source, folder, flavour):
    """A build that was interrupted is taken up where it stopped: make does
    not trust what it left half-written."""
    for program, package in (("make", "make"), ("flex", "flex"),
                             ("bison", "bison"), ("bc", "bc"),
                             ("ld", "binutils")):
        tools.find(program, package)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / "wanted.config"
    wanted.write_text(config(flavour), encoding="utf-8")
    make(source, folder, "allnoconfig", f"KCONFIG_ALLCONFIG={wanted}")
    check_config(flavour, (folder / ".config").read_text(encoding="utf-8"))
    make(source, folder, "all", *compiler_args())
    if has_modules(flavour):
        make(source, folder, "modules_install", f"INSTALL_MOD_PATH={folder}")
    prune(folder)


def check_config(flavour, result):
    """Kconfig drops an option whose dependencies are unmet, without a word."""
    lines = set(result.splitlines())
    for line in config(flavour).splitlines():
        if line.startswith("CONFIG_") and line not in lines:
            raise LabError(f"the kernel {flavour} did not accept {line}")


def compiler_args():
    ccache = shutil.which("ccache", path=tools.SYSTEM_PATH)
    return [f"CC={ccache} gcc"] if ccache else []


def make(source, folder, *args):
    log = folder / "build.log"
    env = tools.clean_env(CCACHE_DIR=str(cache_root() / "ccache"),
                          CCACHE_BASEDIR=str(source.parent),
                          CCACHE_MAXSIZE="1G",
                          KBUILD_BUILD_TIMESTAMP="1970-01-01",
                          KBUILD_BUILD_USER="xgs", KBUILD_BUILD_HOST="lab")
    argv = [tools.find("make", "make"), "-C", str(source), f"O={folder}", "-s",
            f"-j{len(os.sched_getaffinity(0))}", *ARCH, *args]
    with open(log, "w", encoding="utf-8") as out:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=out,
                              stderr=subprocess.STDOUT, env=env, check=False)
    if done.returncode:
        text = log.read_text(encoding="utf-8", errors="replace")
        errors = re.findall(r"^.*(?:error:|Error \d|No space left).*$", text,
                            re.M)
        line = errors[0] if errors else tools.last_line(text)
        raise LabError(f"the kernel does not build: {line} (see {log})")


def prune(folder):
    """Objects that neither running nor building modules asks for."""
    for path in folder.rglob("*.[oa]"):
        if path.relative_to(folder).parts[0] != "scripts":
            path.unlink()


# -- run -----------------------------------------------------------------

# The same words in the same order for every run: the command line is part of
# what the kernel seeds its random state with. What varies goes through the
# environment (the seed) or the root (everything else).
COMMAND_LINE = """
uml_dir=./ umid=uml quiet loglevel=5
con=null con0=null,fd:1 ssl=null ssl1=null,fd:4 ssl2=null,fd:5
xgs.out=ttyS0 xgs.status=ttyS1 xgs.tar=ttyS2
dummy.numdummies=0 ifb.numifbs=0 kunit.enable=1
""".split()

# Channels are files, not pipes: a write never waits, so that the host's load
# cannot show on the guest's clock.
SHELL = (f'exec "$@" >>{machine.KERNEL_LOG} 2>&1 4>>{machine.STATUS} '
         f"5>>{machine.OUT_TAR}")


def start(options, kernel, initrd, rundir):
    """Boot; see machine.py."""
    args = [f"mem={options.mem}M",
            f"initrd={os.path.relpath(initrd, rundir)}", *COMMAND_LINE]
    env = {"HOME": str(rundir), "PATH": tools.SYSTEM_PATH}
    # A shell on simulated time would age by years while a person thinks.
    if options.time == "inf" and not options.interactive:
        args += ["time-travel=inf-cpu",
                 f"time-travel-start={CLOCK_START_NS}",
                 "random.trust_cpu=off"]
        env["UML_SEED"] = str(options.seed)
    # The guest's memory is a sparse file that may grow to its size.
    if free_mb("/dev/shm") < options.mem:
        env["TMPDIR"] = str(rundir)
    shell = SHELL
    if options.interactive:
        args.append("ssl0=fd:3")
        shell = f"exec 3<&0; {SHELL} </dev/null"
    else:
        args.append("ssl0=null,fd:3")
        shell = f"{SHELL} 3>>{machine.OUTPUT} </dev/null"
    args += options.append.split()
    setpriv = tools.find("setpriv", "util-linux")
    process = subprocess.Popen(["/bin/sh", "-c", shell, "sh",
                                setpriv, "--pdeathsig", "KILL",
                                *fixed_addresses(),
                                str(kernel.image), *args],
                               cwd=rundir, env=env, start_new_session=True)
    stay_on_one_processor(process.pid)
    return process


# What guests of this process have claimed, until it ends.
CLAIMS = contextlib.ExitStack()


def stay_on_one_processor(pid):
    """Keep a guest on a processor that no other guest has claimed, if there
    is one. Its kernel and its processes only ever take turns, at each stop
    under ptrace, and to wake another processor takes longer."""
    for number in sorted(os.sched_getaffinity(0)):
        claim = cache.lock_if_free(cache_root() / f".cpu{number}.lock")
        if CLAIMS.enter_context(claim):
            with contextlib.suppress(OSError):
                os.sched_setaffinity(pid, {number})
            return


def fixed_addresses():
    """Words before a command. Where the host puts the kernel's heap decides
    how much memory the guest has. Some containers do not allow a say in it."""
    words = [tools.find("setarch", "util-linux"), "--addr-no-randomize"]
    probe = subprocess.run([*words, "/bin/true"], stdin=subprocess.DEVNULL,
                           capture_output=True, check=False)
    if probe.returncode == 0:
        return words
    say("this host does not let a process choose its addresses: the run will "
        "not repeat")
    return []
