"""A station's volunteers, through HTTP: list, contact, trainings."""

import pytest

from server.models import Person, Reading, RoleKind
from tests import factories
from tests.conftest import NOW
from tests.handlers.volunteers.told import APPLICATION, code


async def test_staff_and_officers_see_masked_names_and_phones(chen, phone_of, town, volunteer):
    officer = await phone_of("fengkezhang")
    role = {"area": town.areas["江阳区"]}
    await factories.role(await Person.get(id=officer.person_id), RoleKind.COUNTY_OFFICER, NOW, **role)

    [own] = (await chen.get("/station/volunteers")).json()["items"]
    [above] = (await officer.get("/station/volunteers")).json()["items"]

    assert (own["name"], own["phone"]) == ("李**", "139****5678")
    assert (above["name"], above["phone"]) == ("李**", "139****5678")
    assert (await officer.get(f"/station/volunteers/{volunteer}")).json()["name"] == "李**"


async def test_list_has_pages_and_filters(resident, chen, clock):
    for number, skill in enumerate(["culture", "tutoring", "culture"]):
        phone = await resident(f"zhiyuanzhe{number}", f"{'甲乙丙'[number]}某")
        await phone.post("/volunteers", {"skills": [skill]})
        clock.forward(minutes=1)

    async def names(**query):
        page = (await chen.get("/station/volunteers", params=query)).json()
        return [one["name"] for one in page["items"]], page["next"]

    first, following = await names(limit=2)
    rest, _ = await names(limit=2, after=following)
    assert (first, rest) == (["丙*", "乙*"], ["甲*"])
    assert (await names(skill="culture"))[0] == ["丙*", "甲*"]
    assert (await names(status="approved"))[0] == []


async def test_volunteer_without_a_name_is_listed_without_one(phone_of, town, chen):
    phone = await phone_of("wuming")
    await Person.filter(id=phone.person_id).update(home_id=town.areas["团结村"].id)
    await phone.post("/volunteers", {})

    [row] = (await chen.get("/station/volunteers")).json()["items"]

    assert (row["name"], row["phone"]) == (None, None)


async def test_phone_is_read_with_a_reason(chen, li, volunteer):
    path = f"/station/volunteers/{volunteer}/contact"
    assert (await chen.post(path, {})).status_code == 400

    contact = await chen.post(path, {"reason": "约时间"})

    assert contact.json() == {"name": "李小红", "phone": "13912345678"}
    assert (await Reading.get()).reason == "约时间"
    assert "volunteer_contact_read" in [one["template"] for one in (await li.get("/me/notifications")).json()["items"]]


async def test_training_is_recorded_once_and_not_in_the_future(chen, li, volunteer):
    path = f"/station/volunteers/{volunteer}/trainings"
    told = {"title": "急救培训", "day": "2026-03-08", "training_minutes": 120}

    made = await chen.post(path, told)

    assert (made.status_code, made.json()) == (201, told | {"id": made.json()["id"]})
    assert code(await chen.post(path, told)) == (409, "already_exists")
    assert code(await chen.post(path, told | {"day": "2026-03-11"})) == (409, "date_out_of_range")
    assert (await li.get("/volunteers/me")).json()["trainings"] == [made.json()]


@pytest.mark.parametrize("wrong", [{"training_minutes": 0}, {"training_minutes": 1.5}, {"day": "昨天"}, {"title": " "}])
async def test_invalid_training_is_refused(chen, volunteer, wrong):
    told = {"title": "急救培训", "day": "2026-03-08", "training_minutes": 120}

    assert (await chen.post(f"/station/volunteers/{volunteer}/trainings", told | wrong)).status_code == 400


async def test_approval_of_oneself_is_refused(town, worker, resident):
    chen = await worker("chenshegong")
    await Person.filter(id=chen.person_id).update(home_id=town.areas["团结村"].id)
    made = (await chen.post("/volunteers", APPLICATION)).json()

    assert code(await chen.post(f"/station/volunteers/{made['id']}/approval")) == (403, "conflict_of_interest")
