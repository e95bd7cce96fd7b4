# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from . import (cache, kernels, machine, modules, paths, program, root, session,
               sid, uml)
from .errors import EXIT_LAB, LabError

KERNELS = (*kernels.SERIES, sid.NAME, *uml.FLAVOURS)


def main(argv):
    def action():
        arguments = parse(argv)
        return arguments.verb(arguments)
    return program.run("lab", action, LabError, EXIT_LAB)


def parse(argv):
    parser = argparse.ArgumentParser(
        prog="lab", description="Run kernels: stock ones in QEMU, User Mode "
        "Linux on simulated time.", epilog="See Documentation/lab.rst.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    verb = verbs.add_parser("fetch", help="get kernels into the cache")
    verb.add_argument("kernels", nargs="+", choices=KERNELS, metavar="KERNEL",
                      help=" ".join(KERNELS))
    verb.set_defaults(verb=fetch)

    verb = verbs.add_parser("build", help="build the modules for a kernel")
    verb.add_argument("kernel", choices=KERNELS)
    verb.set_defaults(verb=build)

    verb = verbs.add_parser("run", help="run a command in a guest")
    run_options(verb)
    verb.add_argument("command", nargs="+", metavar="COMMAND")
    verb.set_defaults(verb=run)

    verb = verbs.add_parser("shell", help="a shell in a guest")
    run_options(verb)
    verb.set_defaults(verb=run, command=[], timeout=float("inf"),
                      clock="tcg")

    verb = verbs.add_parser("kunit", help="run the unit tests")
    how = verb.add_mutually_exclusive_group()
    how.add_argument("--san", action="store_true",
                     help="under KASAN, UBSAN, lockdep and kmemleak")
    how.add_argument("--cov", action="store_true",
                     help="and say which lines of the modules ran")
    verb.add_argument("--filter", default="*", metavar="GLOB",
                      help="only the modules with a suite of such a name")
    verb.set_defaults(verb=kunit)

    verb = verbs.add_parser("gc", help="remove what a newer one replaced")
    verb.set_defaults(verb=collect)
    verb = verbs.add_parser("clean", help="remove cache and build folder")
    verb.set_defaults(verb=clean)
    return parser.parse_args(argv)


def run_options(verb):
    defaults = machine.Options()
    add = verb.add_argument
    add("--kernel", choices=KERNELS, default=defaults.kernel)
    add("--clock", choices=("icount", "tcg", "kvm"), default=defaults.clock,
        help="QEMU: a virtual clock that repeats (default), two emulated "
        "CPUs, or KVM where it works")
    add("--time", choices=("inf", "real"), default=defaults.time,
        help="User Mode Linux: simulated time (default) or the host's")
    add("--seed", type=number(0, 2**32 - 1), default=defaults.seed,
        help="of the guest's random numbers (default 1)")
    add("--shift", type=number(0, 3), default=defaults.shift,
        help="icount: an instruction takes 2^SHIFT ns (default 0)")
    add("--mem", type=number(256, 65536), default=defaults.mem, metavar="MB")
    add("--timeout", type=seconds, default=defaults.timeout,
        metavar="SECONDS", help="of wall clock, for the guest")
    add("--out", type=Path, metavar="DIR",
        help="bring what the command leaves in $XGS_OUT there")
    add("--env", action="append", default=[], type=assignment, metavar="K=V")
    add("--add", action="append", default=[], type=addition,
        metavar="SRC[:DST]", help="a file or folder for the guest, below /xgs")
    add("--append", default="", metavar="WORDS",
        help="for the kernel's command line")
    add("--no-modules", dest="modules", action="store_false",
        help="neither build nor ship the modules")
    add("--no-selftests", dest="selftests", action="store_false",
        help="do not ship selftests/, whose edits would be another sample")
    add("--rdma", action="store_true",
        help="ship perftest, RDMA's libraries and the soft-RoCE modules too")
    add("--keep", action="store_true",
        help="keep the kernel's log also if all is well")


def number(low, high):
    def parse_number(text):
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{low} to {high}")
        return value
    parse_number.__name__ = "number"
    return parse_number


def seconds(text):
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("a positive number")
    return value


def assignment(text):
    if not text.partition("=")[0].isidentifier() or "=" not in text:
        raise argparse.ArgumentTypeError("NAME=VALUE")
    return text


def addition(text):
    source, _, destination = text.partition(":")
    destination = os.path.normpath(destination or os.path.basename(
        os.path.abspath(source)))
    if destination.startswith(("/", "..")):
        raise argparse.ArgumentTypeError("DST is a place below /xgs")
    return source, destination


def fetch(arguments):
    for name in arguments.kernels:
        if name in kernels.SERIES:
            print(kernels.fetch(name).name)
        elif name == sid.NAME:
            print(sid.fetch().name)
        else:
            session.backend(name).kernel(machine.Options(kernel=name))
    return 0


def build(arguments):
    options = machine.Options(kernel=arguments.kernel)
    kernel = session.backend(options.kernel).kernel(options)
    with cache.lock(modules.lock_file(kernel)):
        for path in modules.build(kernel):
            print(os.path.relpath(path))
    return 0


def run(arguments):
    values = vars(arguments)
    values.pop("verb")
    options = machine.Options(**values, interactive=not arguments.command)
    if options.interactive and not sys.stdin.isatty():
        raise LabError("lab shell needs a terminal")
    return session.run(options)


def kunit(arguments):
    from . import kunit as suites
    return suites.run(arguments.san, arguments.cov, arguments.filter)


def collect(_arguments):
    kernels.collect()
    sid.collect()
    session.backend("uml").collect()
    root.collect()
    session.collect()
    return 0


def clean(_arguments):
    for folder in (paths.cache(), paths.BUILD / "lab",
                   paths.BUILD / "modules"):
        shutil.rmtree(folder, ignore_errors=True)
    return 0
