"""A private nginx for tests, taken out of Debian's package: no service of its own starts, nothing else is changed."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from scripts import services
from scripts.programs import start, stop

UNPACKED = Path(__file__).parent.parent / ".data" / "nginx"
START_SECONDS = 60
# One process with all its files in its folder; `{sites}` is what an administrator writes.
AROUND = """
daemon off;
master_process off;
pid nginx.pid;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    {sites}
}}
"""


def find_nginx() -> str | None:
    """The program: the machine's own, or the one that was unpacked."""
    unpacked = UNPACKED / "usr" / "sbin" / "nginx"
    return str(unpacked) if unpacked.exists() else services.found("nginx")


def install_nginx() -> bool:
    """Return whether nginx is available, unpacking it if possible. Print a clear warning if not."""
    return services.install("nginx", lambda: find_nginx() is not None, _unpack)


def _unpack() -> str:
    """Installed, it would serve a page of its own on port 80."""
    UNPACKED.mkdir(parents=True, exist_ok=True)
    said = services.apt_get("download", "nginx", folder=UNPACKED)
    for package in UNPACKED.glob("nginx_*.deb"):
        subprocess.run(["dpkg", "--extract", package, UNPACKED], check=True)
        package.unlink()
    return said


@contextlib.contextmanager
def nginx(folder: Path, sites: str, *, port: int) -> Iterator[None]:
    """Run nginx with these `upstream` and `server` blocks, one listening on the port; its log is in the folder."""
    program = find_nginx()
    assert program is not None, "nginx is missing"
    folder.mkdir(parents=True)
    settings, log = folder / "nginx.conf", folder / "nginx.log"
    settings.write_text(AROUND.format(sites=sites))
    process = start([program, "-p", folder, "-c", settings, "-e", "stderr"], log=log)
    try:
        ends = time.monotonic() + START_SECONDS
        while not _listens(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < ends, log.read_text()
            time.sleep(0.02)
        yield
    finally:
        stop(process)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((services.HOST, port), timeout=1):
        return True
    return False
