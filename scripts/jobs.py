"""Jobs that failed for good: without a command they are listed, `release` has one tried again."""

import argparse
import asyncio
import sys

from scripts.environment import settings_of_environment
from server.adapters.clock import SystemClock
from server.database import db
from server.domain import job_queue
from server.errors import NotFound
from server.models import Job


async def listed(url: str) -> None:
    async with db.connected(url, pool=1):
        parked = await job_queue.parked()
    for job in parked:
        print(line_of(job))
    print(f"{len(parked)} parked")


def line_of(job: Job) -> str:
    due = f"due {job.due_at:%Y-%m-%d %H:%M} UTC"
    return f"{job.id}  {job.kind} {job.subject}  {due}, {job.attempts} attempts: {job.last_error}"


async def released(url: str, job_id: int) -> None:
    async with db.connected(url, pool=1):
        try:
            job = await job_queue.release(job_id, now=SystemClock().now())
        except NotFound:
            sys.exit(f"no job {job_id} is parked")
    print(f"released {job.id}: {job.kind} {job.subject}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/jobs", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    release = commands.add_parser("release", help="have a parked job tried again at once")
    release.add_argument("id", type=int)
    arguments = parser.parse_args()
    url = settings_of_environment().database_url
    asyncio.run(released(url, arguments.id) if arguments.command else listed(url))


if __name__ == "__main__":
    main()
