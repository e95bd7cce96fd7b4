# SPDX-License-Identifier: GPL-2.0-or-later
"""Floor one: Debian's kernels in QEMU."""

import os
import subprocess
import sys
from pathlib import Path

from . import cache, kernels, machine, paths, root, sid, tools

# A guest that starts under KVM is there in a second; one that does not hangs.
PROBE_SECONDS = 15
PROBE_PROOF = b"Attempted to kill init! exitcode=0x00000000"

# qboot does what a kernel in an ELF needs, a second faster than SeaBIOS.
MACHINE = ("-M", "q35", "-bios", "qboot.rom")

COMMAND_LINE = """
console=ttyS0 quiet loglevel=5 oops=panic panic=-1 softlockup_panic=1
sysctl.kernel.panic_on_rcu_stall=1
mitigations=off nokaslr tsc=reliable no_timer_check cryptomgr.notests
apparmor=0 audit=0 random.trust_cpu=on net.ifnames=0
xgs.out=ttyS1 xgs.status=ttyS2 xgs.tar=ttyS3
""".split()

# On the virtual clock the TSC counts nanoseconds: nothing to measure. Measuring
# the local APIC's timer would cost a third of the boot; the HPET serves as well.
EXTRA_WORDS = {"icount": ["tsc_early_khz=1000000", "nolapic_timer"]}


def kernel(options):
    tools.find("qemu-system-x86_64", "qemu-system-x86")
    if options.kernel == sid.NAME:
        return sid.kernel()
    return kernels.kernel(options.kernel)


def start(options, kernel, initrd, rundir):
    clock = options.clock
    if clock == "kvm" and not kvm_works(kernel):
        print("lab: KVM does not run this kernel here, using tcg instead",
              file=sys.stderr)
        clock = "tcg"
    argv = [tools.find("setpriv", "util-linux"), "--pdeathsig", "KILL",
            tools.find("qemu-system-x86_64", "qemu-system-x86"),
            "-nodefaults", "-no-user-config", "-display", "none",
            "-no-reboot", *MACHINE, "-m", str(options.mem),
            "-kernel", str(kernel.image), "-initrd", str(initrd),
            "-append", " ".join([*COMMAND_LINE, *EXTRA_WORDS.get(clock, ()),
                                 options.append]).strip()]
    argv += CLOCKS[clock](options)
    # Files, not pipes: a reader that lags must not stop the guest.
    for number, name in enumerate((machine.KERNEL_LOG, machine.OUTPUT,
                                   machine.STATUS, machine.OUT_TAR)):
        if name == machine.OUTPUT and options.interactive:
            channel = f"stdio,id=c{number},signal=off"
        else:
            # QEMU takes a doubled comma for one in a path.
            path = str(rundir / name).replace(",", ",,")
            channel = f"file,id=c{number},path={path}"
        argv += ["-chardev", channel, "-serial", f"chardev:c{number}"]
    stdin = None if options.interactive else subprocess.DEVNULL
    return subprocess.Popen(argv, stdin=stdin, start_new_session=not
                            options.interactive)


def icount(options):
    # erms and fsrm off: an emulated `rep movsb` counts one instruction a
    # byte. sleep=off: idle time is skipped, no matter what the host does.
    return ["-accel", "tcg", "-smp", "1",
            "-icount", f"shift={options.shift},sleep=off",
            "-seed", str(options.seed),
            "-rtc", "base=2026-01-01T00:00:00,clock=vm",
            "-cpu", "max,la57=off,erms=off,fsrm=off"]


def tcg(options):
    return ["-accel", "tcg,thread=multi", "-smp", "2",
            "-seed", str(options.seed),
            "-rtc", "base=2026-01-01T00:00:00",
            "-cpu", "max,la57=off"]


def kvm(_options):
    return ["-accel", "kvm", "-smp", "2",
            "-rtc", "base=2026-01-01T00:00:00", "-cpu", "host"]


CLOCKS = {"icount": icount, "tcg": tcg, "kvm": kvm}


def kvm_works(kernel):
    """Whether a guest really runs under KVM, asked once per boot of the host.

    A /dev/kvm that opens proves nothing, nor does a boot sector that runs: the
    kernel itself must get as far as to execute a program."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    answer = paths.cache() / f"kvm-{kernel.release}-{boot}"
    if not answer.exists():
        works = probe_kvm(kernel)
        with cache.new_file(answer) as out:
            out.write(b"works" if works else b"does not work")
    return answer.read_bytes() == b"works"


def probe_kvm(kernel):
    argv = [tools.find("qemu-system-x86_64", "qemu-system-x86"),
            "-nodefaults", "-no-user-config", "-display", "none",
            "-no-reboot", *MACHINE, "-m", "512", *kvm(None),
            "-kernel", str(kernel.image), "-initrd", str(root.base()),
            "-append", "console=ttyS0 panic=-1 rdinit=/usr/bin/true",
            "-serial", "stdio"]
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, timeout=PROBE_SECONDS,
                              stderr=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return False
    return PROBE_PROOF in done.stdout
