"""Shut a person out, readmit them, or end sessions, without an officer: for emergencies, and where no officer may.

The person is named by id, or by openid. It counts from their next request on, on every instance.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime

from scripts.environment import run_with_database, settings_of_environment
from server.adapters.clock import SystemClock
from server.database import db
from server.domain import accounts, people, sessions
from server.domain.accounts import ADMINISTRATOR
from server.errors import Refusal

ACTIONS = ("shut-out", "readmit", "end-sessions")


async def act(arguments: argparse.Namespace, *, now: datetime) -> str:
    """Do it and return a sentence. Refused as an officer's request would be."""
    if arguments.everybody:
        return f"{await sessions.end_all_of_everybody(now=now)} sessions ended; everybody signs in again"
    person_id = arguments.person or await people.id_of_openid(arguments.openid)
    told = {"reason": arguments.reason, "by": ADMINISTRATOR, "now": now}
    if arguments.action == "shut-out":
        await accounts.shut_out(person_id, **told)
        return f"person {person_id} is shut out; their sessions and roles have ended"
    if arguments.action == "readmit":
        await accounts.readmit(person_id, **told)
        return f"person {person_id} may sign in again; roles stay ended"
    return f"{await accounts.end_sessions(person_id, **told)} sessions of person {person_id} ended"


async def run(arguments: argparse.Namespace, url: str) -> str:
    async with db.connected(url, pool=2):
        return await act(arguments, now=SystemClock().now())


def read(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the arguments. Contradictions end the program with a sentence."""
    parser = argparse.ArgumentParser(prog="scripts/accounts", description=__doc__)
    parser.add_argument("action", choices=ACTIONS)
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--person", type=int, help="id of the person")
    whose.add_argument("--openid", help="their openid at WeChat")
    whose.add_argument("--everybody", action="store_true", help="with end-sessions: all sessions of all people")
    parser.add_argument("--reason", default="", help="officers read it in the list of people who are shut out")
    arguments = parser.parse_args(words)
    if arguments.everybody and arguments.action != "end-sessions":
        parser.error("--everybody goes with end-sessions")
    if not arguments.everybody and not any(letter.isalpha() for letter in arguments.reason):
        parser.error("--reason is missing")
    return arguments


def main() -> int:
    try:
        print(run_with_database(run(read(), settings_of_environment().database_url)))
    except Refusal as refusal:
        print(f"refused, {refusal.code}: {refusal.message}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
