"""Certificates through HTTP: 小李 has one issued, anybody verifies it, and nobody else sees the name."""

import asyncio
import io
from datetime import timedelta

import pytest
from PIL import Image

from miniprogram_contract.certificates import STATUS_WORDS, CertificateStatus
from server.domain import names
from server.models import AuditEntry, Certificate, Person, RecordStatus, ServiceRecord, Volunteer
from tests.conftest import NOW
from tests.factories import records, volunteers


@pytest.fixture
async def newcomer(phone_of, town):
    """Return 小李, a volunteer who has not served yet."""
    phone = await phone_of("xiaoli")
    await Person.filter(id=phone.person_id).update(name="李志强")
    person = await Person.get(id=phone.person_id)
    await volunteers.approved(person, town.stations["邻玉社工站"], NOW)
    return phone


@pytest.fixture
async def li(newcomer, town):
    """Return 小李 with two approved hours."""
    person = await Person.get(id=newcomer.person_id)
    approved = {"status": RecordStatus.APPROVED, "approved_at": NOW}
    await records.record(town, person, minutes=120, **approved)
    return newcomer


async def issued(phone, **more):
    answer = await phone.post("/certificates", **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def refusal(answer):
    return answer.status_code, answer.json()["code"]


async def test_issued_certificate_is_listed_and_verified(li, client):
    made = await issued(li)

    assert (made["name"], made["served_minutes"], made["records"], made["stars"]) == ("李志强", 120, 1, 0)
    assert (await li.get("/certificates")).json() == {"items": [made], "next": None}
    proof = (await client.get(f"/api/v1/certificates/{made['code']}")).json()
    assert (proof["name"], proof["status"], proof["status_words"]) == ("李**", "valid", "有效")
    assert proof["name_words"] == "姓名由志愿者本人填写"
    shared = set(proof) & set(made) - {"name"}
    assert {name: proof[name] for name in shared} == {name: made[name] for name in shared}


async def test_stars_are_in_the_profile_and_on_the_certificate(li):
    await ServiceRecord.all().update(minutes=300 * 60)
    await Volunteer.filter(person_id=li.person_id).update(served_minutes=300 * 60)

    assert (await li.get("/volunteers/me")).json()["stars"] == 2
    assert (await issued(li))["stars"] == 2


async def test_changed_name_is_on_later_certificates_only(li, town):
    before = await issued(li)
    await names.change(li.person_id, name="李志刚", reason="写错了字", by=town.staff["陈社工"], now=NOW)
    after = await issued(li)

    listed = (await li.get("/certificates")).json()["items"]

    assert {one["code"]: one["name"] for one in listed} == {before["code"]: "李志强", after["code"]: "李志刚"}


async def test_printed_spelling_of_a_code_is_found(li, client):
    code = (await issued(li))["code"].lower()
    printed = "-".join(code[at : at + 4] for at in range(0, 12, 4))

    assert (await client.get(f"/api/v1/certificates/{printed}")).json()["code"] == code.upper()


async def test_issue_with_the_same_key_makes_one_certificate(li):
    answers = await asyncio.gather(*(li.post("/certificates", key="certificate-of-li") for _ in range(4)))

    assert len({answer.json()["code"] for answer in answers}) == 1
    assert await Certificate.all().count() == 1
    assert await AuditEntry.filter(action="certificate.issued").count() == 1


async def test_refusal_names_missing_service_or_name(newcomer, li, phone_of):
    await Person.filter(id=li.person_id).update(name=None)
    assert refusal(await li.post("/certificates")) == (409, "name_required")
    await li.change("/me", {"name": "李志强"})
    await ServiceRecord.all().update(status=RecordStatus.CLAIMED)
    assert refusal(await li.post("/certificates")) == (409, "no_approved_service")
    stranger = await phone_of("luren")
    assert refusal(await stranger.post("/certificates")) == (404, "not_found")


async def test_list_has_pages(li, clock):
    codes = []
    for _ in range(3):
        codes.insert(0, (await issued(li))["code"])
        clock.forward(minutes=1)

    first = (await li.get("/certificates", params={"limit": 2})).json()
    second = (await li.get("/certificates", params={"limit": 2, "after": first["next"]})).json()

    assert [one["code"] for one in first["items"] + second["items"]] == codes
    assert second["next"] is None


async def test_picture_is_shown_by_its_owners_signed_link(li, client, clock):
    made = await issued(li)

    answer = await client.get(made["image"])

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.size == (1654, 2339)
        assert len(picture.getcolors()) > 10
    assert (await client.get(made["image"].replace(f"reader={li.person_id}", "reader=1"))).status_code == 404
    clock.forward(hours=2)
    assert (await client.get(made["image"])).status_code == 404


async def test_image_of_a_disabled_reader_is_not_drawn(li, client, clock):
    link = (await issued(li))["image"]

    await Person.filter(id=li.person_id).update(disabled_at=clock.now())

    assert (await client.get(link)).status_code == 404


async def test_too_many_images_at_once_are_refused_and_drawn_later(li, client):
    link = (await issued(li))["image"]

    answers = await asyncio.gather(*(client.get(link) for _ in range(9)))

    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 503}
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status_code == 503)
    assert (await client.get(link)).status_code == 200


async def test_revoked_certificate_is_verified_as_revoked_and_not_drawn(li, client):
    made = await issued(li)
    code = made["code"]

    withdrawn = (await li.post(f"/certificates/{code}/revocation")).json()

    assert withdrawn["revoked_at"] is not None
    assert (await client.get(f"/api/v1/certificates/{code}")).json()["status"] == "revoked"
    assert withdrawn["image"] is None
    for again in (li.post(f"/certificates/{code}/revocation"), client.get(made["image"])):
        assert refusal(await again) == (409, "invalid_state")


async def test_certificate_of_another_person_is_not_withdrawn(li, phone_of, client):
    code = (await issued(li))["code"]
    stranger = await phone_of("luren")

    assert refusal(await stranger.post(f"/certificates/{code}/revocation")) == (404, "not_found")
    assert (await client.get(f"/api/v1/certificates/{code}")).json()["status"] == "valid"


async def test_page_shows_validity_and_masks_the_name(li, client):
    made = await issued(li)
    address = made["address"].removeprefix("http://").partition("/")[2]

    page = await client.get(f"/{address}")

    assert page.headers["content-type"].startswith("text/html")
    for said in ("有效", "李**", "姓名由志愿者本人填写", "2小时", "1次", made["code"], "邻玉社工站"):
        assert said in page.text
    assert "李志强" not in page.text
    assert "星级" not in page.text
    await Certificate.all().update(stars=3)
    assert "★★★" in (await client.get(f"/{address}")).text


async def test_page_shows_that_service_was_reversed(li, client):
    code = (await issued(li))["code"]
    await ServiceRecord.all().update(status=RecordStatus.REVERSED)

    assert (await client.get(f"/api/v1/certificates/{code}")).json()["status"] == "corrected"
    page = (await client.get(f"/api/v1/certificates/{code}/page")).text
    assert STATUS_WORDS[CertificateStatus.CORRECTED] in page


async def test_days_on_the_page_are_those_of_shanghai(li, client, clock):
    # An hour past midnight there, and the day before in UTC.
    night = NOW.replace(hour=17, minute=0) + timedelta(days=1)
    clock.forward(seconds=int((night - NOW).total_seconds()))
    code = (await issued(li))["code"]

    page = (await client.get(f"/api/v1/certificates/{code}/page")).text

    day = night + timedelta(hours=8)
    assert f"开具日期：{day.year}年{day.month}月{day.day}日" in page


async def test_wrong_code_is_not_found_and_explained_on_the_page(li, client):
    await issued(li)

    assert refusal(await client.get("/api/v1/certificates/ABCDEFGHJKMN")) == (404, "not_found")
    page = await client.get("/api/v1/certificates/<script>/page")
    assert "没有查到" in page.text
    assert "<script" not in page.text


async def test_guessing_codes_is_limited_to_a_few_tries(li, client):
    answers = [await client.get(f"/api/v1/certificates/ABCDEFGHJK{number}") for number in range(21)]

    assert [answer.status_code for answer in answers] == [404] * 20 + [429]


async def test_certificate_shows_its_revocation_while_it_succeeds(li):
    made = await issued(li)

    once, again = [await li.post(f"/certificates/{made['code']}/revocation") for _ in range(2)]

    assert (made["allowed_actions"], once.json()["allowed_actions"]) == (["revocation"], [])
    assert (once.status_code, refusal(again)) == (200, (409, "invalid_state"))
