# SPDX-License-Identifier: GPL-2.0-or-later
"""Floor one: Debian's kernels in QEMU."""

import os
import subprocess
import sys
import tempfile

from . import kernels, machine, tools
from .errors import LabError

# 512 bytes that the BIOS boots: write 0x10 to the exit device, halt.
#   mov dx,0xf4; mov al,0x10; out dx,al; hlt
PROBE_SECTOR = bytes.fromhex("baf400b010eef4").ljust(510, b"\0") + b"\x55\xaa"
PROBE_SECONDS = 5
PROBE_STATUS = 0x10 << 1 | 1

COMMAND_LINE = """
console=ttyS0 quiet loglevel=5 oops=panic panic=-1 softlockup_panic=1
mitigations=off nokaslr tsc=reliable no_timer_check cryptomgr.notests
apparmor=0 audit=0 random.trust_cpu=on net.ifnames=0
xgs.out=ttyS1 xgs.status=ttyS2 xgs.tar=ttyS3
""".split()

# On the virtual clock the TSC counts nanoseconds: nothing to measure. Measuring
# the local APIC's timer would cost a third of the boot; the HPET serves as well.
EXTRA_WORDS = {"icount": ["tsc_early_khz=1000000", "nolapic_timer"]}


def kernel(options):
    tools.find("qemu-system-x86_64", "qemu-system-x86")
    return kernels.kernel(options.kernel)


def start(options, kernel, initrd, rundir):
    clock = options.clock
    if clock == "kvm" and not kvm_works():
        print("lab: KVM does not run a guest here, using tcg instead",
              file=sys.stderr)
        clock = "tcg"
    argv = [tools.find("setpriv", "util-linux"), "--pdeathsig", "KILL",
            tools.find("qemu-system-x86_64", "qemu-system-x86"),
            "-nodefaults", "-no-user-config", "-display", "none",
            "-no-reboot", "-M", "q35", "-m", str(options.mem),
            "-kernel", str(kernel.image), "-initrd", str(initrd),
            "-append", " ".join([*COMMAND_LINE, *EXTRA_WORDS.get(clock, ()),
                                 options.append]).strip()]
    argv += CLOCKS[clock](options)
    # Files, not pipes: a reader that lags must not stop the guest.
    for number, name in enumerate((machine.KERNEL_LOG, machine.OUTPUT,
                                   machine.STATUS, machine.OUT_TAR)):
        channel = f"file,path={rundir}/{name}".replace(",,", ",")
        if name == machine.OUTPUT and options.interactive:
            channel = "stdio,signal=off"
        kind, _, rest = channel.partition(",")
        argv += ["-chardev", f"{kind},id=c{number},{rest}",
                 "-serial", f"chardev:c{number}"]
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


def kvm_works():
    """Whether a guest really runs: a /dev/kvm that opens proves nothing."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    qemu = tools.find("qemu-system-x86_64", "qemu-system-x86")
    with tempfile.NamedTemporaryFile(prefix="xgs-probe-") as disk:
        disk.write(PROBE_SECTOR)
        disk.flush()
        argv = [qemu, "-nodefaults", "-no-user-config", "-display", "none",
                "-accel", "kvm", "-m", "16", "-no-reboot",
                "-drive", f"file={disk.name},format=raw,if=ide",
                "-device", "isa-debug-exit,iobase=0xf4,iosize=1"]
        try:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL,
                                  capture_output=True, check=False,
                                  timeout=PROBE_SECONDS)
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == PROBE_STATUS
