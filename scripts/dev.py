"""Start everything on this machine with demonstration data. Ctrl-C stops everything."""

import argparse
import asyncio
import errno
import fcntl
import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from urllib.request import urlopen

from scripts import demo, services
from scripts.demo_people import PERSONAS
from scripts.fake_wechat_server import APP_ID, APP_SECRET
from scripts.programs import Group
from server.adapters.clock import SystemClock
from server.database import schema

HOST = services.HOST
READY_SECONDS = 60
# Seconds after which a progress line is printed.
PROGRESS_SECONDS = 3
# Files of the data folder that --fresh deletes. It deletes nothing else.
DATABASE, UNFINISHED, PHOTOS, VALKEY = "stations.db", "unfinished.db", "photos", "valkey"


def main() -> None:
    arguments = _arguments()
    folder = Path(os.environ.get("DATA_FOLDER") or ".data").resolve()
    with Group() as group:
        group.enter_context(alone_in(folder))
        port = chosen_port()
        if arguments.fresh:
            clear(folder)
        url = prepared_database(folder)
        environ = settings(folder, port, url)
        say(f"starting everything for {environ['PUBLIC_URL']}")
        environ |= start_neighbours(group, folder)
        group.start("the job runner", [sys.executable, "-m", "server.jobs.worker"], **environ)
        app = group.start("the application", [sys.executable, "-m", "server"], **environ)
        wait_until_ready(app, environ["PUBLIC_URL"])
        print(welcome(environ["PUBLIC_URL"]), flush=True)
        name, status = group.first_to_end()
        sys.exit(f"{name} ended with status {status}; everything is stopped.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/dev", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="delete all data and start again")
    return parser.parse_args()


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Lock the data folder against a second scripts/dev."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "dev.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"scripts/dev already runs on the data in {folder}; stop it with Ctrl-C first.")
        yield


def chosen_port() -> int:
    """Return PORT if it is free, or exit with one clear sentence."""
    chosen = os.environ.get("PORT") or "8000"
    try:
        socket.create_server((HOST, int(chosen))).close()
    except (ValueError, OverflowError):
        sys.exit(f"PORT is a number from 1 to 65535, not {chosen!r}.")
    except OSError as error:
        reason = "is taken by another program" if error.errno == errno.EADDRINUSE else "cannot be used"
        sys.exit(f"Port {chosen} {reason}; choose one: PORT={services.free_port()} ./scripts/dev")
    return int(chosen)


def clear(folder: Path) -> None:
    """Delete what earlier runs left in the data folder, and nothing else there."""
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (folder / name).unlink(missing_ok=True)
    for name in (PHOTOS, VALKEY):
        shutil.rmtree(folder / name, ignore_errors=True)


def prepared_database(folder: Path) -> str:
    """Return the URL of the migrated database. A new one is filled with the demonstration."""
    database = folder / DATABASE
    if database.exists():
        say("your data of last time; --fresh would start over")
        asyncio.run(schema.migrate(f"sqlite:///{database}"))
    else:
        fill(database)
    return f"sqlite:///{database}"


def fill(database: Path) -> None:
    """Create the database under another name first, so that an interrupted start begins again."""
    for leftover in database.parent.glob(f"{UNFINISHED}*"):
        leftover.unlink()
    unfinished = database.with_name(UNFINISHED)
    with going_on("making the tables"):
        asyncio.run(schema.migrate(f"sqlite:///{unfinished}"))
    with going_on("loading the demonstration"):
        asyncio.run(demo.load(f"sqlite:///{unfinished}", SystemClock().now(), say))
    unfinished.rename(database)


@contextmanager
def going_on(words: str) -> Iterator[None]:
    """Print that a step begins, and every few seconds that it is still running."""
    over, began = threading.Event(), time.monotonic()

    def print_progress() -> None:
        while not over.wait(PROGRESS_SECONDS):
            say(f"still {words}, {time.monotonic() - began:.0f} seconds")

    say(words)
    printing = threading.Thread(target=print_progress, daemon=True)
    printing.start()
    try:
        yield
    finally:
        over.set()
        printing.join()


def settings(folder: Path, port: int, database_url: str) -> dict[str, str]:
    """Return the environment of the application and the job runner. Other settings have their defaults."""
    return {
        "ENVIRONMENT": "development",
        "HOST": HOST,
        "PORT": str(port),
        "PUBLIC_URL": f"http://{HOST}:{port}",
        "DATABASE_URL": database_url,
        "PHOTO_STORE": str(folder / PHOTOS),
    }


def start_neighbours(group: Group, folder: Path) -> dict[str, str]:
    """Start a Valkey and the fake WeChat on free ports, and return the settings for them."""
    valkey = group.enter_context(services.valkey(folder / VALKEY))
    port = services.free_port()
    command = [sys.executable, "-m", "scripts.fake_wechat_server", "--port", str(port)]
    group.start("the fake WeChat", command)
    wechat = f"http://{HOST}:{port}"
    return {
        "REDIS_URL": valkey.url,
        "WECHAT_BASE_URL": wechat,
        "WECHAT_APP_ID": APP_ID,
        "WECHAT_APP_SECRET": APP_SECRET,
        "ALARM_URL": f"{wechat}/alarms",
    }


def wait_until_ready(app: Popen[bytes], url: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while app.poll() is None and time.monotonic() < until:
        try:
            urlopen(f"{url}/api/v1/ready", timeout=1).close()  # noqa: S310 - our own address
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit("The application did not start; its output is above.")


def say(words: str) -> None:
    print(f"  {words}", flush=True)


def welcome(url: str) -> str:
    """Return the welcome text: the URL, the people to sign in as, and lines to paste."""
    people = "\n".join(f"    dev-{one.nickname:<15} {one.who}" for one in PERSONAS)
    return f"""
Ready: open {url}/docs to read what the server can do. Ctrl-C stops everything; what you enter stays.

Everybody signs in with a code that the fake WeChat understands:
{people}

All paths below are below /api/v1 and need the token of a sign-in.

The time bank and the love supermarket are at work: as 小李 look at /timebank/statement, /tasks and /points/balance,
as 赵站长 at /station/volunteers, /station/service-records, /station/deeds and /station/orders.

Activities are booked, and one has a waiting list: look at /activities; as 小李 at /bookings and /seat-offers,
where a seat is his if he wants it, as 路人 at /bookings, as 何大叔 (dev-hedashu) at /no-shows, where he may say why;
as 陈社工 at /station/activities, with each one's /bookings and /poster, /station/venues and /station/no-shows.

As 王奶奶 write to a need's /messages, and complain at /complaints, for example about station 4; as 赵站长, who heads
the station above, answer at /station/complaints.

Crises and duty: as anybody, also as a visitor who signs in with a new code such as dev-visitor, send
{{"urgency": "emergency"}} to /needs; as 陈社工 look at /station/needs?sort=most_urgent, send a reason to the need's
/crisis-opening, and look at /duty-shifts and /station/duty-roster.

Paste this into another terminal: it signs in as 王奶奶, files a need, and lists her needs.

{lines_to_paste(url + "/api/v1")}
"""


def lines_to_paste(api: str) -> str:
    json = "-H 'Content-Type: application/json'"
    need = (
        '{"category": "elder_care", "text": "想请人陪我去医院复查。",'
        ' "contact_name": "王秀英", "contact_phone": "13800000001"}'
    )
    return f"""\
TOKEN=$(curl -s {api}/session {json} \\
  -d '{{"code": "dev-wangnainai"}}' | sed 's/.*"token": *"\\([^"]*\\)".*/\\1/')
curl {api}/needs -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: $(openssl rand -hex 16)" \\
  {json} -d '{need}'; echo
curl {api}/needs -H "Authorization: Bearer $TOKEN"; echo"""


if __name__ == "__main__":
    main()
