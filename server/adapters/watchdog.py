"""systemd's watchdog: it restarts a process that gives no sign of life for too long."""

import contextlib
import socket


class Watchdog:
    """Gives signs of life to systemd. Without an address there is no watchdog, and nothing is sent."""

    def __init__(self, address: str) -> None:
        # An address with "@" is in Linux's abstract name space.
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def say_alive(self) -> None:
        """Send a sign of life. A failure is left to the watchdog."""
        if self._address:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
                link.sendto(b"WATCHDOG=1", self._address)
