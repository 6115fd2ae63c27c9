"""The fake WeChat on a port."""

import argparse
import contextlib
import signal
import socket
import struct
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from scripts.fake_wechat_server.desk import Desk, Request
from scripts.fake_wechat_server.platform_state import APP_ID, APP_SECRET, openid_of
from scripts.fake_wechat_server.replies import Reply

LARGEST_BODY = 1_000_000


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], desk: Desk) -> None:
        self.desk = desk
        super().__init__(address, Connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of callers who hang up, which is what half of the faults lead to."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Connection(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # a head and a body in one packet, or Nagle's algorithm holds the second back
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= LARGEST_BODY:
            self.close_connection = True
            self._write(Reply(413, "text/plain", b"too large"))
            return
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        body = self.rfile.read(length)
        self._give(self.server.desk.answer(Request(self.command, unquote(parts.path), query, body)))

    def do_POST(self) -> None:
        self.do_GET()

    def _give(self, reply: Reply) -> None:
        kind = reply.fault.kind if reply.fault else None
        if kind == "hang":
            self.rfile.read(1)  # returns when the caller gives up
            self.close_connection = True
        elif kind == "reset":
            self._cut()
        else:
            time.sleep(reply.fault.seconds if reply.fault else 0)
            self._write(reply)

    def _write(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def _cut(self) -> None:
        # Closing with a linger of zero seconds sends a reset instead of an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.server.close_request(self.connection)

    def log_message(self, *_: object) -> None:
        """Leave the console to the alarms."""


def main() -> None:
    arguments = _arguments()
    # Both end it quietly, its threads with it; a shell's background job would otherwise ignore the interrupt.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    desk = Desk(arguments.app_id, arguments.app_secret)
    with contextlib.suppress(KeyboardInterrupt), Server((arguments.host, arguments.port), desk) as server:
        print(f"Fake WeChat on http://{arguments.host}:{server.server_port}", flush=True)
        print(f"Sign in with the code dev-<name>: dev-wangnainai is {openid_of('wangnainai')}", flush=True)
        server.serve_forever(poll_interval=0.1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/fake_wechat", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free one")
    parser.add_argument("--app-id", default=APP_ID)
    parser.add_argument("--app-secret", default=APP_SECRET)
    return parser.parse_args()


if __name__ == "__main__":
    main()
