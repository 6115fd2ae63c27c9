"""Areas through HTTP: visitors find theirs; a city officer proposes, reads and decides editions."""

import pytest

import server.handlers.areas  # noqa: F401 - declares the paths
from server.models import Area, AreaEdition, RoleKind
from tests.factories.areas import LITTLE, changed, csv_of, imported, little
from tests.factories.stations import phone_with_role

EDITION = {"name": "统计局 2026", "code_system": "nbs", "valid_from": "2026-03-01"}


@pytest.fixture
async def chief(phone_of):
    return await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER)


@pytest.fixture
async def made(app):
    return await little()


async def propose(chief, csv: str, **more) -> dict:
    answer = await chief.post("/area-editions", EDITION | {"csv": csv} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_visitor_opens_areas_from_the_top_to_a_village(client, made):
    names, parent = [], ""
    for _ in range(5):
        [area, *_] = (await client.get(f"/api/v1/areas{parent}")).json()["items"]
        names.append(area["short_name"])
        parent = f"?parent={area['id']}"

    assert names == ["四川省", "泸州市", "江阳区", "邻玉街道", "玉成社区"]
    assert (await client.get(f"/api/v1/areas{parent}")).json() == {"items": [], "next": None}


async def test_children_come_page_by_page(client, made):
    path = f"/api/v1/areas?parent={made['510502004'].id}&limit=2"

    first = (await client.get(path)).json()
    second = (await client.get(f"{path}&after={first['next']}")).json()

    assert [area["short_name"] for area in first["items"] + second["items"]] == ["玉成社区", "团结村", "先锋村"]
    assert second["next"] is None


async def test_village_is_found_by_an_everyday_name(client, made):
    answer = await client.get("/api/v1/areas", params={"query": "团结村"})

    paths = [area["path"] for area in answer.json()["items"]]
    assert paths == ["泸州市 · 江阳区 · 邻玉街道 · 团结村", "泸州市 · 纳溪区 · 白节镇 · 团结村"]


async def test_area_is_shown_with_its_codes(client, made):
    area = made["510502004201"]

    shown = (await client.get(f"/api/v1/areas/{area.id}")).json()

    assert shown["codes"] == [{"code_system": "nbs", "code": "510502004201"}]
    assert (shown["level"], shown["parent_id"], shown["valid_until"]) == ("community", area.parent_id, None)


async def test_ended_area_shows_its_successors(client, made):
    merger = ["510502004209,团锋村村民委员会,,510502004201;510502004202,"]
    await imported(changed(without=["510502004201", "510502004202"], more=merger))

    shown = (await client.get(f"/api/v1/areas/{made['510502004201'].id}")).json()

    assert shown["valid_until"] == "2026-01-01"
    assert [area["path"] for area in shown["successors"]] == ["泸州市 · 江阳区 · 邻玉街道 · 团锋村"]


@pytest.mark.parametrize("path", ["/areas/4711", "/areas?parent=4711&query=团结"])
async def test_missing_area_is_not_found(client, made, path):
    assert (await client.get(f"/api/v1{path}")).status_code == 404


async def test_officer_proposes_reads_and_applies_an_edition(chief, made):
    edition = await propose(chief, changed({"510502004201": "红星村村民委员会"}))
    counts = {kind: count for kind, count in edition["counts"].items() if count}
    assert (edition["status"], counts) == ("proposed", {"renamed": 1, "unchanged": 11})

    shown = (await chief.get(f"/area-editions/{edition['id']}")).json()
    [change] = shown["items"]
    assert (change["changes"], change["before_name"]) == (["renamed"], "团结村村民委员会")
    assert (change["name"], change["area_id"]) == ("红星村村民委员会", made["510502004201"].id)

    applied = await chief.post(f"/area-editions/{edition['id']}/application")
    assert applied.json()["status"] == "applied"
    assert (await Area.get(id=made["510502004201"].id)).name == "红星村村民委员会"


async def test_repeated_request_applies_an_edition_once(chief, made):
    edition = await propose(chief, changed({"510502004201": "红星村村民委员会"}))
    path = f"/area-editions/{edition['id']}/application"

    first = await chief.post(path, key="once-and-again")
    second = await chief.post(path, key="once-and-again")
    third = await chief.post(path)

    assert first.json() == second.json()
    assert (third.status_code, third.json()["code"]) == (409, "invalid_state")


async def test_an_officer_discards_a_proposal(chief, made):
    edition = await propose(chief, changed({"510502004201": "红星村村民委员会"}))

    discarded = await chief.post(f"/area-editions/{edition['id']}/discarding")

    assert discarded.json()["status"] == "discarded"
    assert (await Area.get(id=made["510502004201"].id)).name == "团结村村民委员会"
    listed = (await chief.get("/area-editions?limit=1")).json()
    assert (listed["items"][0]["id"], listed["next"]) == (edition["id"], str(edition["id"]))


async def test_changes_are_paged_and_filtered_by_kind(chief):
    edition = await propose(chief, csv_of(LITTLE))
    path = f"/area-editions/{edition['id']}"

    first = (await chief.get(f"{path}?limit=7")).json()
    second = (await chief.get(f"{path}?limit=7&after={first['next']}")).json()

    assert {area["code"] for area in first["items"] + second["items"]} == LITTLE.keys()
    assert (await chief.get(f"{path}?kind=moved")).json()["items"] == []


async def test_every_wrong_line_of_the_file_is_named(chief):
    answer = await chief.post("/area-editions", EDITION | {"csv": "code,name\n7,短\n51,四川省\n5106,\n"})

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_area_file"
    assert [line["line"] for line in answer.json()["details"]["lines"]] == [2, 4]
    assert not await AreaEdition.exists()


@pytest.mark.parametrize(
    "wrong", [{"code_system": "NBS"}, {"valid_from": "1899-12-31"}, {"csv": ""}, {"covers": ["street"]}, {"name": ""}]
)
async def test_wrong_field_is_named(chief, wrong):
    answer = await chief.post("/area-editions", EDITION | {"csv": csv_of(LITTLE)} | wrong)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert answer.json()["details"]["fields"][0]["field"].startswith(f"body.{next(iter(wrong))}")


async def test_outdated_or_future_list_is_refused(chief, made):
    old = await chief.post("/area-editions", EDITION | {"csv": csv_of(LITTLE), "valid_from": "2025-01-01"})
    tomorrow = await propose(chief, csv_of(LITTLE), valid_from="2026-03-11")
    stale = await propose(chief, csv_of(LITTLE))
    await imported(csv_of(LITTLE))

    assert (old.status_code, old.json()["code"]) == (409, "edition_too_old")
    for edition, code in ((tomorrow, "too_early"), (stale, "edition_outdated")):
        answer = await chief.post(f"/area-editions/{edition['id']}/application")
        assert (answer.status_code, answer.json()["code"]) == (409, code)


async def test_editions_are_for_city_officers_only(phone_of, client, chief):
    edition = await propose(chief, csv_of(LITTLE))
    stranger = await phone_of("luren")
    path = f"/area-editions/{edition['id']}"

    for method, where in (("GET", ""), ("POST", "/application"), ("POST", "/discarding")):
        assert (await stranger.call(method, path + where, json={})).status_code == 403
        assert (
            await client.request(method, f"/api/v1{path}{where}", json={}, headers={"Idempotency-Key": "x" * 20})
        ).status_code == 401
    assert (await chief.get("/area-editions/4711")).status_code == 404
