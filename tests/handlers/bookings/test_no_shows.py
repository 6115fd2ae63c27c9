"""No-shows through HTTP: residents read them and give an excuse, staff forgive or refuse."""

from datetime import timedelta

import pytest

from server.models import NoShow, Person
from tests.conftest import NOW
from tests.factories.activities import activity, row
from tests.factories.waiting_list import S

EXCUSE = {"reason": "那天突然发烧"}
FORGIVENESS = {"reason": "已核实"}


@pytest.fixture
async def li(phone_of):
    phone = await phone_of("xiaoli")
    await Person.filter(id=phone.person_id).update(name="李明")
    return phone


@pytest.fixture
async def missed(town, li):
    """Create no-shows of 李明, one, ten and twenty days ago."""
    made = []
    for days in (1, 10, 20):
        starts_at = NOW - timedelta(days=days)
        one = await activity(town, starts_at=starts_at, booking_opens_at=starts_at - timedelta(days=9))
        booking = await row(one, await Person.get(id=li.person_id), S.NO_SHOW)
        facts = {"person_id": li.person_id, "station_id": one.station_id, "at": starts_at}
        made.append(await NoShow.create(booking=booking, **facts))
    return made


@pytest.fixture
async def worker(phone_of_staff, town):
    return await phone_of_staff("社工", "邻玉社工站")


async def test_resident_reads_the_count_and_the_penalty(li, missed):
    page = (await li.get("/no-shows", params={"limit": 2})).json()
    rest = (await li.get("/no-shows", params={"after": page["next"]})).json()

    assert [each["id"] for each in page["items"] + rest["items"]] == [each.id for each in missed]
    assert (page["counted"], page["limit"], page["window_days"]) == (3, 3, 90)
    assert page["penalty_until"] == "2026-04-08T10:00:00+08:00"
    newest = page["items"][0]
    assert (newest["exemption"], newest["exemption_words"], newest["excuse"]) == (None, "", "")
    assert (newest["activity"]["title"], newest["booking_id"]) == ("免费体检", missed[0].booking_id)


async def test_resident_without_no_shows_reads_an_empty_page(phone_of):
    page = (await (await phone_of("newcomer")).get("/no-shows")).json()

    assert (page["items"], page["counted"], page["penalty_until"]) == ([], 0, None)


async def test_excuse_is_first_in_the_station_list_and_forgiven(li, missed, worker):
    said = await li.post(f"/no-shows/{missed[2].id}/excuse", EXCUSE)
    again = await li.post(f"/no-shows/{missed[2].id}/excuse", EXCUSE)
    first = (await worker.get("/station/no-shows", params={"limit": 1})).json()["items"][0]

    forgiven = await worker.post(f"/station/no-shows/{missed[2].id}/forgiveness", FORGIVENESS)

    assert (said.json()["excuse"], again.json()["code"]) == (EXCUSE["reason"], "already_submitted")
    assert (first["id"], first["name"], first["excuse"]) == (missed[2].id, "李*", EXCUSE["reason"])
    assert (forgiven.json()["exemption"], forgiven.json()["exemption_words"]) == ("forgiven", "站点已免除")
    mine = (await li.get("/no-shows")).json()
    assert (mine["items"][2]["decision"], mine["counted"], mine["penalty_until"]) == ("已核实", 2, None)


async def test_refused_excuse_is_read_and_the_no_show_counts(li, missed, worker):
    await li.post(f"/no-shows/{missed[0].id}/excuse", EXCUSE)

    upheld = await worker.post(f"/station/no-shows/{missed[0].id}/excuse-refusal", {"reason": "没有就医记录"})
    again = await worker.post(f"/station/no-shows/{missed[0].id}/excuse-refusal", {"reason": "没有就医记录"})

    assert (upheld.json()["exemption"], upheld.json()["decision"]) == (None, "没有就医记录")
    assert (again.status_code, again.json()["code"]) == (409, "no_excuse_pending")
    mine = (await li.get("/no-shows")).json()
    assert (mine["items"][0]["decision"], mine["counted"]) == ("没有就医记录", 3)


async def test_forgiven_no_show_cannot_be_excused(li, missed, worker):
    await worker.post(f"/station/no-shows/{missed[0].id}/forgiveness", FORGIVENESS)

    answers = [
        await worker.post(f"/station/no-shows/{missed[0].id}/forgiveness", FORGIVENESS),
        await li.post(f"/no-shows/{missed[0].id}/excuse", EXCUSE),
    ]

    assert [each.json()["code"] for each in answers] == ["not_applicable"] * 2
    assert answers[0].json()["details"] == {"exemption": "forgiven"}


async def test_officer_sees_that_there_is_an_excuse_but_not_its_text(li, missed, phone_of_staff):
    officer = await phone_of_staff("处长")
    await li.post(f"/no-shows/{missed[0].id}/excuse", EXCUSE)

    listed = (await officer.get("/station/no-shows")).json()["items"]

    assert (listed[0]["id"], listed[0]["excuse"]) == (missed[0].id, "")
    assert listed[0]["excused_at"] is not None


async def test_station_list_continues_behind_the_undecided_excuses(li, missed, worker):
    await li.post(f"/no-shows/{missed[1].id}/excuse", EXCUSE)

    first = (await worker.get("/station/no-shows", params={"limit": 2})).json()
    second = (await worker.get("/station/no-shows", params={"limit": 2, "after": first["next"]})).json()

    assert [each["id"] for each in first["items"] + second["items"]] == [missed[n].id for n in (1, 0, 2)]


@pytest.mark.parametrize("path", ["/no-shows/{}/excuse", "/station/no-shows/{}/forgiveness"])
@pytest.mark.parametrize("reason", ["", "   ", None, "很" * 501])
async def test_excuse_and_decision_need_a_reason(li, missed, worker, path, reason):
    phone = worker if path.startswith("/station") else li

    answer = await phone.post(path.format(missed[0].id), {"reason": reason})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
