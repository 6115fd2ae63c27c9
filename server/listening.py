"""Where an instance listens, and how it stops without hanging up on anybody."""

import contextlib
import ctypes
import socket
import struct
import sys

SO_ATTACH_FILTER = 26
# One instruction of a packet filter: keep nothing.
DROP = struct.pack("HBBI", 0x06, 0, 0, 0)


def bound(host: str, port: int) -> socket.socket:
    """A socket at this address that does not listen yet: until it does, a proxy is refused and goes elsewhere."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    return made


def let_nobody_in(listening: socket.socket) -> None:
    """From now on nobody new gets in: who tries is kept knocking until the socket is closed, and then refused.

    Closing it at once would hang up on those whom the kernel has let in and nobody has read: under load there are some.
    """
    if sys.platform != "linux":
        return
    program = ctypes.create_string_buffer(DROP, len(DROP))
    with contextlib.suppress(OSError):  # where a sandbox forbids it, those few are hung up on
        told = struct.pack("HP", 1, ctypes.addressof(program))
        listening.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, told)
