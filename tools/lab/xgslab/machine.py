# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run asks for, and what a backend (qemu.py, uml.py) answers.

A backend is a module with two functions:

    kernel(options) -> Kernel
        fetch or build what is needed, raise LabError if that fails
    start(options, kernel, initrd, rundir) -> subprocess.Popen
        boot `initrd` (a Path) with the four channels below connected to files
        of those names in `rundir`, and with these words, naming the guest's
        tty devices, on the kernel's command line:
            xgs.out=DEV xgs.status=DEV xgs.tar=DEV
        The process must end when the guest powers off or panics.

Everything else (the root, its /init, streaming, deadlines, the verdict on the
kernel's log) is shared and lives in session.py."""

from dataclasses import dataclass, field
from pathlib import Path

# The channels, as files of the run's folder.
KERNEL_LOG = "kernel.log"
OUTPUT = "output"
STATUS = "status"
OUT_TAR = "out.tar"

# /init writes these to the kernel's log around the command.
MARK_START = "xgs-lab: command starts"
MARK_END = "xgs-lab: command ended"


@dataclass
class Options:
    kernel: str = "6.1"             # 6.1, 6.12, sid, uml, ...
    command: list = field(default_factory=list)     # empty: a shell
    interactive: bool = False       # OUTPUT is the user's terminal instead
    clock: str = "icount"           # qemu: icount, tcg, kvm
    time: str = "inf"               # uml: inf, real
    seed: int = 1
    shift: int = 0                  # icount: 2^shift ns per instruction
    mem: int = 1024                 # MB
    timeout: float = 600            # seconds of wall clock, from power on
    out: Path | None = None
    env: list = field(default_factory=list)         # ["K=V", ...]
    add: list = field(default_factory=list)         # [(source, destination)]
    append: str = ""                # more words for the kernel's command line
    modules: bool = True            # build and ship xgs
    selftests: bool = True          # ship selftests/
    rdma: bool = False              # ship what soft-RoCE takes
    keep: bool = False              # keep the run's folder also on success


@dataclass(frozen=True)
class Kernel:
    name: str                       # as in Options.kernel
    release: str                    # uname -r
    image: Path                     # what boots
    kdir: Path                      # what modules are built against
    stock_modules: Path | None      # a lib/modules/<release> with modules.dep
    all_modules: bool = True        # with all that a guest may take
    make_args: tuple = ()           # e.g. ("ARCH=um", "SUBARCH=x86_64")
    tree: Path | None = None        # where modules are built, by chroot
