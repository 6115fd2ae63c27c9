"""Teams of volunteers, through HTTP."""

import pytest

from tests.handlers.volunteers.told import code


@pytest.fixture
async def team(chen, town):
    told = {"station_id": town.stations["邻玉社工站"].id, "name": "银龄互助队", "about": "陪老人买药"}
    made = await chen.post("/station/teams", told)
    assert made.status_code == 201, made.text
    return made.json()


async def test_team_with_a_member_is_public(client, chen, li, team, volunteer):
    members = f"/station/teams/{team['id']}/members"

    joined = await chen.post(members, {"volunteer_id": volunteer, "is_leader": True})

    assert (joined.status_code, joined.json()["name"], joined.json()["is_leader"]) == (201, "李**", True)
    assert code(await chen.post(members, {"volunteer_id": volunteer})) == (409, "already_member")
    public = (await client.get(f"/api/v1/teams?station={team['station']['id']}")).json()
    assert public["items"] == [{"id": team["id"], "name": "银龄互助队", "about": "陪老人买药", "members": 1}]
    assert (await chen.get(members)).json()["items"] == [joined.json()]
    mine = (await li.get("/volunteers/me")).json()["teams"]
    assert mine == [{"id": team["id"], "name": "银龄互助队", "is_leader": True}]


async def test_removed_member_is_not_counted(chen, team, volunteer):
    members = f"/station/teams/{team['id']}/members"
    await chen.post(members, {"volunteer_id": volunteer})

    left = await chen.post(f"{members}/{volunteer}/ending")

    assert left.json()["left_at"] == "2026-03-10T10:00:00+08:00"
    assert code(await chen.post(f"{members}/{volunteer}/ending")) == (409, "not_member")
    assert (await chen.get("/station/teams")).json()["items"] == [team]


async def test_team_is_changed_and_dissolved(client, chen, team):
    path = f"/station/teams/{team['id']}"

    changed = await chen.change(path, {"about": "每周六"})
    ended = await chen.post(f"{path}/ending")

    assert changed.json() == team | {"about": "每周六"}
    assert ended.json()["ended_at"] == "2026-03-10T10:00:00+08:00"
    assert code(await chen.change(path, {"about": "还在吗"})) == (409, "invalid_state")
    public = await client.get(f"/api/v1/teams?station={team['station']['id']}")
    assert public.json() == {"items": [], "next": None}


async def test_used_name_or_other_station_is_refused(chen, town, team):
    again = {"station_id": team["station"]["id"], "name": "银龄互助队"}
    elsewhere = {"station_id": town.stations["蓝田社工站"].id, "name": "蓝田队"}

    assert code(await chen.post("/station/teams", again)) == (409, "already_exists")
    assert code(await chen.post("/station/teams", elsewhere)) == (403, "not_allowed")


async def test_member_who_is_no_volunteer_is_refused(resident, chen, team):
    wang = await resident("xiaowang")
    made = (await wang.post("/volunteers", {})).json()

    answer = await chen.post(f"/station/teams/{team['id']}/members", {"volunteer_id": made["id"]})

    assert code(answer) == (403, "role_required")


async def test_teams_have_pages(client, chen, town, clock):
    station = town.stations["邻玉社工站"].id
    for name in ("甲队", "乙队", "丙队"):
        await chen.post("/station/teams", {"station_id": station, "name": name})
        clock.forward(minutes=1)

    first = (await client.get(f"/api/v1/teams?station={station}&limit=2")).json()
    rest = (await client.get(f"/api/v1/teams?station={station}&limit=2&after={first['next']}")).json()

    assert [one["name"] for one in first["items"] + rest["items"]] == ["甲队", "乙队", "丙队"]
    staff_page = (await chen.get(f"/station/teams?station={station}&limit=1")).json()
    assert ([one["name"] for one in staff_page["items"]], bool(staff_page["next"])) == (["甲队"], True)


async def test_list_of_teams_requires_the_station(client):
    assert (await client.get("/api/v1/teams")).status_code == 400
