# SPDX-License-Identifier: GPL-2.0-or-later
"""One run: build, pack, boot, watch, judge."""

import os
import shutil
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from . import cache, guestlog, machine, modules, paths, qemu, root
from .errors import EXIT_GUEST, EXIT_TIMEOUT, LabError

INITRD = "initrd"
LOCK = "lock"
POLL_SECONDS = 0.05
# Wall clock from the command's end to the end of the machine.
POWER_OFF_SECONDS = 120


def backend(name):
    if name.startswith("uml"):
        from . import uml
        return uml
    return qemu


def run(options, watch=None):
    """Run options.command in a guest; the exit status of lab."""
    floor = backend(options.kernel)
    kernel = floor.kernel(options)
    rundir = new_rundir()
    with cache.lock(rundir / LOCK):
        keep = True
        try:
            initrd = rundir / INITRD
            pack(options, kernel, initrd)
            status = (watch or Watch)(options, floor, kernel, initrd,
                                      rundir).run()
            keep = options.keep or status in (EXIT_GUEST, EXIT_TIMEOUT)
            return status
        finally:
            log = rundir / machine.KERNEL_LOG
            if keep and log.exists():
                for name in (INITRD, machine.OUT_TAR, LOCK):
                    (rundir / name).unlink(missing_ok=True)
                say(f"the kernel's log: {log}")
            else:
                shutil.rmtree(rundir, ignore_errors=True)


def new_rundir():
    top = paths.BUILD / "lab"
    top.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S-")
    return Path(tempfile.mkdtemp(prefix=stamp, dir=top))


def collect():
    """Remove the folders of runs that have ended."""
    for rundir in (paths.BUILD / "lab").glob("*"):
        with cache.lock_if_free(rundir / LOCK) as free:
            if free:
                shutil.rmtree(rundir)


def pack(options, kernel, initrd):
    if not options.modules:
        root.pack(options, kernel, [], initrd)
        return
    with cache.lock(modules.lock_file(kernel)):
        root.pack(options, kernel, modules.build(kernel), initrd)


def say(message):
    print(f"lab: {message}", file=sys.stderr, flush=True)


class Watch:
    def __init__(self, options, floor, kernel, initrd, rundir):
        self.options = options
        self.rundir = rundir
        self.started = time.monotonic()
        for name in (machine.KERNEL_LOG, machine.STATUS, machine.OUTPUT):
            (rundir / name).touch()
        self.output = open(rundir / machine.OUTPUT, "rb")
        self.process = floor.start(options, kernel, initrd, rundir)

    def run(self):
        try:
            timed_out = self.wait()
        finally:
            self.process.kill()
            self.process.wait()
            self.output.close()
        return self.verdict(timed_out)

    def wait(self):
        """Stream the output until the machine ends; True if it had to be
        ended."""
        deadline = self.started + self.options.timeout
        ended = False
        while self.process.poll() is None:
            self.stream()
            if not ended and "done" in self.status_words():
                ended = True
                deadline = time.monotonic() + POWER_OFF_SECONDS
            if time.monotonic() > deadline:
                self.stream()
                return True
            time.sleep(POLL_SECONDS)
        self.stream()
        return False

    def stream(self):
        while data := self.output.read(1 << 16):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def read(self, name):
        return (self.rundir / name).read_text(encoding="utf-8",
                                              errors="replace")

    def status_words(self):
        return self.read(machine.STATUS).split()

    def verdict(self, timed_out):
        log = self.read(machine.KERNEL_LOG)
        words = self.status_words()
        if self.options.out and "done" in words:
            self.unpack()
        bug = guestlog.find_bug(log)
        if bug:
            headline, excerpt = bug
            print("\n".join(excerpt), file=sys.stderr)
            say(f"FAILED: the guest's kernel reported: {headline}")
            return EXIT_GUEST
        if timed_out and "done" in words:
            say("FAILED: the guest did not power off")
            return EXIT_GUEST
        if timed_out:
            where = "the command did not end" \
                if machine.MARK_START in log else "the guest did not boot"
            say(f"TIMEOUT: {where} within {self.options.timeout:g} s")
            return EXIT_TIMEOUT
        if "done" not in words or words[0] != "exit":
            disk = shutil.disk_usage(self.rundir)
            if disk.free < 1 << 20:
                raise LabError(f"the disk of {self.rundir} is full")
            code = self.process.returncode
            say("FAILED: the guest ended without a status"
                f" (the machine's exit status is {code})")
            return EXIT_GUEST
        return int(words[1])

    def unpack(self):
        try:
            with tarfile.open(self.rundir / machine.OUT_TAR) as archive:
                unpack(archive, self.options.out)
        except tarfile.TarError as error:
            raise LabError("what the command left in XGS_OUT did not arrive: "
                           f"{error}") from error


def unpack(archive, folder):
    """Regular files and folders only, never outside of `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for member in archive:
        name = os.path.normpath(member.name)
        target = folder / name
        if name.startswith(("/", "..")):
            raise LabError(f"a file outside of XGS_OUT: {member.name}")
        if member.isdir():
            target.mkdir(parents=True, exist_ok=True)
        elif member.isfile():
            target.write_bytes(archive.extractfile(member).read())
        else:
            say(f"left in the guest, not a file: {name}")
