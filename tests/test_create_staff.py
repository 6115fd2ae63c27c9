"""The administrator's command that appoints the first officers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import create_staff
from server.domain import staff
from server.models import Role, RoleKind
from tests.conftest import NOW

ROOT = Path(__file__).parents[1]


async def test_city_officer_is_appointed_before_the_first_sign_in(database):
    role = await create_staff.appoint(
        create_staff.read(["city-officer", "--openid", "openid-wei", "--name", "卫处长"]), now=NOW
    )

    assert (role.kind, role.person.name) == (RoleKind.CITY_OFFICER, "卫处长")
    assert (await staff.of_person(role.person_id)).is_city


async def test_other_roles_are_appointed_with_station_or_county(city):
    where = {"county-officer": "--county", "head": "--station", "social-worker": "--station"}
    places = {"--county": city.areas["江阳区"].id, "--station": city.stations["团结社工室"].id}
    for kind, option in where.items():
        words = [kind, "--person", str(city.grandma.id), option, str(places[option])]
        await create_staff.appoint(create_staff.read(words), now=NOW)

    scope = await staff.of_person(city.grandma.id)
    # As an officer the person also stands in where nobody works.
    assert (
        scope.head_of - scope.stands_in_for.keys()
        == scope.station_ids - scope.stands_in_for.keys()
        == {places["--station"]}
    )
    assert scope.county_ids == {places["--county"]}


@pytest.mark.parametrize(
    "words",
    [
        ["city-officer"],
        ["city-officer", "--person", "1", "--openid", "x"],
        ["city-officer", "--person", "1", "--county", "3"],
        ["county-officer", "--person", "1"],
        ["head", "--person", "1"],
        ["social-worker", "--person", "1", "--station", "1", "--county", "3"],
        ["city-officer", "--person", "1", "--name", "卫处长"],
        ["king", "--person", "1"],
    ],
)
def test_conflicting_arguments_are_refused_before_any_change(words, capsys):
    with pytest.raises(SystemExit):
        create_staff.read(words)

    assert "error:" in capsys.readouterr().err


async def test_command_reports_success_and_refusal(database):
    def command(*words):
        return subprocess.run(
            [sys.executable, "-m", "scripts.create_staff", *words],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": database},
            capture_output=True,
            text=True,
            check=False,
        )

    done = command("city-officer", "--openid", "openid-wei")
    again = command("city-officer", "--openid", "openid-wei")

    role = await Role.get(person__openid="openid-wei")
    line = f"person {role.person_id} is now city_officer of the city (role {role.id})\n"
    assert (done.returncode, done.stdout) == (0, line)
    assert again.returncode == 1
    assert again.stderr.startswith("refused, already_exists: 该人员已经担任这一职务")
