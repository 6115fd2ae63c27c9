"""The responsible station of an area: cached, and right after every change."""

import re

import httpx
import pytest

from server.handlers.http.endpoint import ENDPOINTS, Endpoint
from server.models import RoleKind
from tests.authorisation.requests import status_for
from tests.authorisation.table import TABLE
from tests.factories.stations import phone_with_role
from tests.sides import two_sides
from tests.statements import Sent

# All data that the reply depends on.
TABLES = ("station", "station_category", "coverage", "category", "area", "area_successor")
WRITING = re.compile(
    rf"\s*(?:INSERT(?: OR IGNORE)? INTO|UPDATE|DELETE FROM) [`\"]?({'|'.join(TABLES)})\b", re.IGNORECASE
)


@pytest.fixture
def sent(caplog):
    return Sent(caplog)


@pytest.fixture
async def officer(phone_of, town):
    return await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER)


async def responsible(client, town, category="elder_care", place="和平社区"):
    found = {"covering": town.areas[place].id, "category": category}
    answer = await client.get("/api/v1/stations", params=found)
    return answer.json()["responsible"]["station"] if answer.status_code == 200 else answer.status_code


async def test_route_takes_two_statements_first_and_then_none(client, town, sent):
    sent.listen()
    first = await responsible(client, town)
    assert len(sent.statements) == 2, sent.statements

    sent.listen()
    assert await responsible(client, town) == first
    assert sent.statements == []


async def test_responsible_station_is_right_after_every_change(client, town, officer):
    room, area = town.stations["和平社工室"].id, town.areas["和平社区"].id
    path, areas = f"/stations/{room}", {"area_ids": [area]}
    changes = [
        ("suspension", {"reason": "装修"}, "邻玉社工站"),
        ("opening", {}, "和平社工室"),
        ("coverage/ending", areas, "邻玉社工站"),
        ("coverage", areas, "和平社工室"),
        ("closing", {"reason": "撤并"}, "邻玉社工站"),
    ]
    for what, body, expected in changes:
        await responsible(client, town)
        changed = await officer.post(f"{path}/{what}", body)
        assert changed.status_code in {200, 201}, changed.text
        assert (await responsible(client, town))["name"] == expected, what


async def test_station_page_is_right_after_every_change(client, town, officer):
    path = f"/stations/{town.stations['和平社工室'].id}"
    await responsible(client, town)

    await officer.change(path, {"phone": "08307654321"})
    assert (await responsible(client, town))["phone"] == "08307654321"
    await officer.put(f"{path}/categories", {"categories": ["child_welfare"]})
    assert (await responsible(client, town))["name"] == "邻玉社工站"
    assert await responsible(client, town, "dancing") == 404
    await officer.post("/categories", {"code": "dancing", "name": "广场舞", "confidential": False})
    assert (await responsible(client, town, "dancing"))["name"] == "市级服务台"


async def test_route_changes_at_midnight_in_shanghai(client, town, officer, clock):
    path = f"/stations/{town.stations['和平社工室'].id}/coverage/ending"
    await officer.post(path, {"area_ids": [town.areas["和平社区"].id], "valid_until": "2026-03-11"})
    assert (await responsible(client, town))["name"] == "和平社工室"

    clock.forward(hours=14)  # it was ten in the morning

    assert (await responsible(client, town))["name"] == "邻玉社工站"


async def test_exactly_the_operations_that_change_routing_declare_it(client: httpx.AsyncClient, clock, sent):
    side = (await two_sides(clock.now()))[0]
    writing = {}

    async def about_to_send(_: httpx.Request) -> None:
        sent.listen()  # the statements that created the subject do not count

    client.event_hooks["request"].append(about_to_send)
    for operation, row in TABLE.items():
        if operation.startswith("GET "):
            continue
        allowed = next(item for item, status in row.statuses.items() if status in range(200, 300))
        await status_for(client, operation, await row.given(side), side, allowed)
        if wrote := {found[1] for item in sent.statements if (found := WRITING.match(item))}:
            writing[operation] = wrote
        side.city.now = clock.forward(minutes=2)

    declared = {operation_of(item) for item in ENDPOINTS if item.changes_routing}
    assert set(writing) == declared, writing


def operation_of(declared: Endpoint) -> str:
    """Return the operation as the table names it: `GET /stations/{station_id}`."""
    return f"{declared.method} " + re.sub("<([a-z_]+)[^>]*>", "{\\1}", declared.path)
