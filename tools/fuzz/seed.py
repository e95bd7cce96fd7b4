#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the seed corpus, which is kept as text: one input per kind of packet
and event.

usage: seed.py FOLDER"""

import struct
import sys
from pathlib import Path

# Captured on a ConnectX-4 Lx: scapy, test/contrib/roce.uts.
CNP = bytes.fromhex(
    "45c2003c718c4000401191610a0011010a001201000012b700280000"
    "8100ffff4000011800000000" + "00" * 16 + "82fd002a")


def bth(opcode, psn=7, ack=0, dqpn=0x118, flags=0):
    return struct.pack(">BBHII", opcode, flags, 0xffff, dqpn, ack << 31 | psn)


def udp(payload):
    return struct.pack(">HHHH", 0xc000, 4791, 8 + len(payload) + 4, 0) \
        + payload + b"\xde\xad\xbe\xef"


def ipv4(payload, tos=2, options=b""):
    return struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, tos,
                       20 + len(options) + len(payload), 1, 0x4000, 64, 17, 0,
                       b"\x0a\0\1\1", b"\x0a\0\2\1") + options + payload


def ipv6(payload, ecn=2, following=17, extensions=b""):
    return struct.pack(">IHBB16s16s", 6 << 28 | ecn << 20,
                       len(extensions) + len(payload), following, 64,
                       b"\xfd" + bytes(15), b"\xfe" + bytes(15)) \
        + extensions + payload


def hears(packet, time=30):
    return bytes([time << 2, len(packet)]) + packet


def sends(size, time=5):
    return bytes([time << 2 | 1]) + struct.pack(">H", size)


DATA = bytes(16)
INPUTS = {
    "cnp": hears(CNP),
    "cnp-bad-icrc": hears(CNP[:-1] + b"\0"),
    "cnp-many": hears(CNP) * 4 + hears(CNP, 20) * 4,
    "ce-rc": hears(ipv4(udp(bth(4) + DATA), 3)),
    "ce-uc": hears(ipv4(udp(bth(0x24) + DATA), 3)),
    "ce-ud": hears(ipv4(udp(bth(0x64) + bytes(5) + b"\0\1\2" + DATA), 3)),
    "ce-ipv6": hears(ipv6(udp(bth(10) + DATA), 3)),
    "ipv6-extensions": hears(ipv6(udp(bth(4) + DATA), 3, 0,
                                  bytes([60]) + bytes(7) + bytes([17])
                                  + bytes(7))),
    "ipv6-fragment": hears(ipv6(udp(bth(4) + DATA), 3, 44,
                                bytes([17, 0, 0, 1, 0, 0, 0, 9]))),
    "options": hears(ipv4(udp(bth(4) + DATA), 3, b"\1\1\1\1")),
    "version": hears(ipv4(udp(bth(4, flags=1) + DATA), 3)),
    "truncated": hears(ipv4(udp(bth(4) + DATA), 3)[:35]),
    "rtt": sends(0x1002) * 3 + hears(ipv4(udp(bth(0x11, 2) + bytes(4)))),
    "read": sends(0x1002) + hears(ipv4(udp(bth(0x0d, 1) + bytes(4) + DATA))),
    "retransmission": sends(0x1002) * 4 + sends(0x100e) * 2 + sends(0x1002),
    "farther": b"\x02\x07\x53" + sends(0x1002) + hears(CNP) + sends(0x1002),
    "profile": sends(0x1002) + b"\x03\x00" + hears(CNP) + b"\x07\x01"
               + hears(CNP),
}


def main(folder):
    for name, events in INPUTS.items():
        (Path(folder) / name).write_bytes(b"\x75\x30" + events)


if __name__ == "__main__":
    main(sys.argv[1])
