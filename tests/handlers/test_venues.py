"""Venues through HTTP: created, listed, reserved, released."""

import pytest

from miniprogram_contract import venues as contract
from server.models import VenueKind
from tests.factories import drafts

HOURS = {"starts_at": "2026-03-17T10:00:00+08:00", "ends_at": "2026-03-17T12:00:00+08:00", "purpose": "居民议事会"}
HALL = {"kind": "multi_purpose", "name": "二楼多功能室", "capacity": 60}


@pytest.fixture
async def head(phone_of_staff):
    return await phone_of_staff("赵站长", "邻玉社工站", head=True)


@pytest.fixture
async def worker(phone_of_staff):
    return await phone_of_staff("陈社工", "邻玉社工站")


@pytest.fixture
async def hall(head, town):
    answer = await head.post("/station/venues", {**HALL, "station_id": town.stations["邻玉社工站"].id})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_every_kind_of_venue_has_a_chinese_name():
    kinds = set(VenueKind)
    assert {kind.value for kind in kinds} == {kind.value for kind in contract.VenueKind} == set(contract.VENUE_WORDS)
    assert len(set(contract.VENUE_WORDS.values())) == len(kinds)


async def test_created_venue_is_public(client, hall, town):
    station = town.stations["邻玉社工站"]

    known = (await client.get(f"/api/v1/stations/{station.id}/venues")).json()["items"]

    assert known == [{**HALL, "id": hall["id"], "kind_words": "多功能室", "zone": None}]
    assert (hall["station"]["name"], hall["active"]) == ("邻玉社工站", True)


@pytest.mark.parametrize(("kind", "zone"), [("reading", "quiet"), ("dancing", "lively"), ("archive", None)])
async def test_venue_has_its_zone(head, town, kind, zone):
    said = {**HALL, "kind": kind, "station_id": town.stations["邻玉社工站"].id}

    assert (await head.post("/station/venues", said)).json()["zone"] == zone


async def test_inactive_venue_is_shown_only_to_staff(client, head, hall, town):
    changed = await head.change(f"/station/venues/{hall['id']}", {"active": False, "name": "旧多功能室"})

    assert changed.json() == {**hall, "active": False, "name": "旧多功能室"}
    assert (await head.get("/station/venues")).json()["items"] == [changed.json()]
    public = await client.get(f"/api/v1/stations/{town.stations['邻玉社工站'].id}/venues")
    assert public.json() == {"items": []}


async def test_venue_list_continues_on_the_next_page(head, town):
    made = {(await drafts.venue(town, f"{number}号室")).id for number in range(5)}

    first = (await head.get("/station/venues", params={"limit": 3})).json()
    rest = (await head.get("/station/venues", params={"limit": 3, "after": first["next"]})).json()

    assert [venue["id"] for venue in first["items"] + rest["items"]] == sorted(made)
    assert rest["next"] is None


async def test_venue_is_reserved_once_and_released(worker, hall):
    path = f"/station/venues/{hall['id']}/uses"

    taken = await worker.post(path, HOURS)
    again = await worker.post(path, HOURS)
    back = await worker.post(f"{path}/{taken.json()['id']}/return")

    assert taken.status_code == 201
    assert {**taken.json(), **HOURS, "reserved_by": "陈社工", "activity_id": None, "released_at": None} == taken.json()
    assert (again.status_code, again.json()["code"]) == (409, "venue_taken")
    assert again.json()["details"] == {"days": ["2026-03-17"]}
    assert back.json() == {**taken.json(), "released_at": "2026-03-10T10:00:00+08:00"}
    assert (await worker.post(path, HOURS)).status_code == 201


async def test_staff_read_the_uses_from_a_day_on(worker, hall, town):
    venue = await drafts.Venue.get(id=hall["id"])
    activity = await drafts.draft(town, venue_id=venue.id)
    use = await drafts.use(town, venue, drafts.ENDS)
    path = f"/station/venues/{hall['id']}/uses"

    first = (await worker.get(path, params={"limit": 1})).json()
    rest = (await worker.get(path, params={"limit": 2, "after": first["next"]})).json()

    assert [(one["id"], one["activity_id"]) for one in first["items"]] == [(activity.venue_use_id, activity.id)]
    assert [(one["id"], one["purpose"], one["reserved_by"]) for one in rest["items"]] == [
        (use.id, "居民议事会", "林社工")
    ]
    assert rest["next"] is None
    assert (await worker.get(path, params={"from_day": "2026-03-18"})).json()["items"] == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"capacity": 0}, "body.capacity"), ({"name": " "}, "body.name"), ({"kind": "cellar"}, "body.kind")],
)
async def test_invalid_venue_is_refused(head, town, wrong, field):
    said = {**HALL, "station_id": town.stations["邻玉社工站"].id, **wrong}

    answer = await head.post("/station/venues", said)

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["details"]["fields"]] == [field]
