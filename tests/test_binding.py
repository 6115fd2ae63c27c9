"""An instance binds its port before it is ready and listens only when it is."""

import socket

import pytest

from server.app import bind


def test_connection_before_the_instance_listens_is_refused():
    with bind("127.0.0.1", 0) as bound, pytest.raises(ConnectionRefusedError):
        socket.create_connection(bound.getsockname(), timeout=5)
