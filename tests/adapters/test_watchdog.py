"""systemd's watchdog hears from the job runner."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.adapters.watchdog import Watchdog


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.bind(str(tmp_path / "notify"))
        link.settimeout(0)
        yield link


def test_watchdog_receives_a_sign_of_life(systemd: socket.socket):
    Watchdog(systemd.getsockname()).say_alive()

    assert systemd.recv(100) == b"WATCHDOG=1"


def test_process_without_a_watchdog_sends_nothing(systemd: socket.socket):
    Watchdog("").say_alive()

    with pytest.raises(BlockingIOError):
        systemd.recv(100)


def test_watchdog_that_is_gone_raises_no_error(tmp_path: Path):
    gone = tmp_path / "nothing"

    Watchdog(str(gone)).say_alive()

    assert not gone.exists()
