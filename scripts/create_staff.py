"""Appoint a person without an officer: the first city officer of a new installation, or another person.

The person is named by id, or by openid if they never signed in.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime

from scripts.environment import run_with_database, settings_of_environment
from server.adapters.clock import SystemClock
from server.database import db
from server.domain import roles
from server.domain.roles import Appointment
from server.errors import Refusal
from server.models import Role, RoleKind

KINDS = {
    "city-officer": RoleKind.CITY_OFFICER,
    "county-officer": RoleKind.COUNTY_OFFICER,
    "head": RoleKind.STATION_HEAD,
    "social-worker": RoleKind.SOCIAL_WORKER,
}


@db.transaction
async def appoint(arguments: argparse.Namespace, *, now: datetime) -> Role:
    """Grant the role the arguments name. Refused as an officer's request would be."""
    person_id = arguments.person
    if arguments.openid:
        person_id = (await roles.person_of_openid(arguments.openid, name=arguments.name, now=now)).id
    wanted = Appointment(person_id, KINDS[arguments.role], arguments.station, arguments.county)
    return await roles.appoint(wanted, by=None, now=now)


async def run(arguments: argparse.Namespace, url: str) -> str:
    """Appoint and report it in a sentence."""
    async with db.connected(url, pool=2):
        role = await appoint(arguments, now=SystemClock().now())
    where = role.station.name if role.station_id and role.station else None  # type: ignore[attr-defined]
    where = where or (role.area.name if role.area_id and role.area else "the city")
    return f"person {role.person_id} is now {role.kind.value} of {where} (role {role.id})"


def read(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the arguments. Contradictions end the program with a sentence."""
    parser = argparse.ArgumentParser(prog="scripts/create_staff", description=__doc__)
    parser.add_argument("role", choices=KINDS)
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--person", type=int, help="id of somebody who signed in before")
    who.add_argument("--openid", help="their openid at WeChat")
    parser.add_argument("--name", help="what colleagues call them; with --openid")
    parser.add_argument("--station", type=int, help="id of the station, for a head or social worker")
    parser.add_argument("--county", type=int, help="id of the area, for a county officer")
    arguments = parser.parse_args(words)
    if (arguments.station is not None) != (KINDS[arguments.role] in roles.STATION_KINDS):
        parser.error("a head or social worker needs --station, nobody else does")
    if (arguments.county is not None) != (arguments.role == "county-officer"):
        parser.error("a county officer needs --county, nobody else does")
    if arguments.name and not arguments.openid:
        parser.error("--name goes with --openid")
    return arguments


def main() -> int:
    try:
        print(run_with_database(run(read(), settings_of_environment().database_url)))
    except Refusal as refusal:
        details = " ".join(f"{name}={value}" for name, value in refusal.details.items())
        print(f"refused, {refusal.code}: {refusal.message} {details}".rstrip(), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
