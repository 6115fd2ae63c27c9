"""How an instance stops listening: whom the kernel has let in is served, who comes after is sent elsewhere."""

import errno
import select
import socket
import sys

import pytest

from server.listening import bound, let_nobody_in


def test_who_knocks_before_it_listens_is_refused_at_once():
    with bound("127.0.0.1", 0) as place, pytest.raises(ConnectionRefusedError):
        socket.create_connection(place.getsockname(), timeout=5)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux filters what a socket hears")
def test_who_is_in_is_served_and_who_comes_after_is_refused():
    with bound("127.0.0.1", 0) as place:
        place.listen()
        with socket.create_connection(place.getsockname(), timeout=5) as early, socket.socket() as late:
            let_nobody_in(place)

            late.setblocking(False)  # noqa: FBT003 - its own word
            with pytest.raises(BlockingIOError):
                late.connect(place.getsockname())
            early.sendall(b"here")
            served, _ = place.accept()
            with served:
                assert served.recv(4) == b"here"
            place.close()
            _, answered, _ = select.select([], [late], [], 30)  # the kernel knocks again after a second
            assert answered == [late]
            assert late.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED
