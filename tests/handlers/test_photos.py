"""Photos through HTTP: redrawn, and shown to readers of their need by links that expire."""

import asyncio

import pytest

from server.domain import photos
from server.models import Photo
from tests import factories
from tests.adapters import uploads
from tests.adapters.uploads import CORPUS

TOLD = {"category": "elder_care", "text": "屋顶漏水", "contact_name": "王秀英", "contact_phone": "13812345678"}
# One picture for each refusal, and those with data that must be removed; the other tests of photos use all of them.
FIRST_OF_EACH = {refusal: (name, content, refusal) for name, content, refusal in reversed(CORPUS) if refusal}
CARRIERS = [row for row in CORPUS if row[2] is None and any(word in row[0] for word in ("script", "gps", "zip", "png"))]
SAMPLE = [*FIRST_OF_EACH.values(), *CARRIERS[:8]]
GOOD = next(content for name, content, refusal in CORPUS if refusal is None)


@pytest.fixture
async def grandma(phone_of, app, clock):
    town = await factories.city(clock.now())
    phone = await phone_of("wangnainai")
    await phone.put("/me/home", {"area_id": town.areas["团结村"].id})
    return phone


async def upload(phone, content: bytes, name: str = "photo.jpg", **more):
    return await phone.call("POST", "/photos", files={"photo": (name, content)}, **more)


async def test_photo_is_shown_in_two_sizes_as_jpeg(grandma, client):
    links = (await upload(grandma, GOOD)).json()

    for size in ("large", "small"):
        picture = await client.get(links[size])
        assert picture.status_code == 200
        assert picture.headers["content-type"] == "image/jpeg"
        assert picture.headers["x-content-type-options"] == "nosniff"
        uploads.assert_clean(picture.content)


@pytest.mark.parametrize(("name", "content", "refusal"), SAMPLE, ids=[name for name, *_ in SAMPLE])
async def test_every_bad_upload_is_refused_or_cleaned(grandma, client, name, content, refusal):
    answer = await upload(grandma, content, name)

    if refusal is None:
        assert answer.status_code == 201, answer.text
        uploads.assert_clean((await client.get(answer.json()["large"])).content)
    else:
        assert answer.json()["code"] in {refusal, "body_too_large"}
        assert await Photo.all().count() == 0


async def test_expired_or_changed_link_is_refused(grandma, client, clock):
    link = (await upload(grandma, GOOD)).json()["large"]
    for wrong in (link[:-1] + ("0" if link[-1] != "0" else "1"), link.replace("large", "small")):
        assert (await client.get(wrong)).status_code == 404

    clock.forward(hours=2)

    assert (await client.get(link)).status_code == 404


async def test_photo_of_a_need_is_linked_for_its_readers_only(grandma, phone_of):
    photo = (await upload(grandma, GOOD)).json()
    need = (await grandma.post("/needs", TOLD | {"photo_ids": [photo["id"]]})).json()

    stranger = await phone_of("luren")

    assert [row["id"] for row in need["photos"]] == [photo["id"]]
    assert (await stranger.get(f"/needs/{need['id']}")).status_code == 404
    assert (await stranger.post("/needs", TOLD | {"photo_ids": [photo["id"]]})).status_code in {404, 409}


async def test_repeated_upload_is_stored_once(grandma):
    first, second = [await upload(grandma, GOOD, key="the-same-upload") for _ in range(2)]

    assert first.text == second.text
    assert await Photo.all().count() == 1


async def test_another_picture_under_the_same_key_is_refused(grandma):
    await upload(grandma, GOOD, key="the-same-upload")

    other = await upload(grandma, GOOD + b"x", key="the-same-upload")

    assert other.json()["code"] == "idempotency_key_reused"


@pytest.mark.parametrize(
    "form",
    [
        {"files": {"picture": ("a.jpg", GOOD)}},
        {"files": [("photo", ("a.jpg", GOOD)), ("photo", ("b.jpg", GOOD))]},
        {"json": {"photo": "x"}},
        {"content": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"", "headers": {"Content-Type": "multipart/form-data"}},
    ],
)
async def test_form_without_an_upload_is_refused(grandma, form):
    answer = await grandma.call("POST", "/photos", **form)

    assert answer.status_code in {400, 415}, answer.text
    assert await Photo.all().count() == 0


async def test_upload_without_signing_in_is_refused(client):
    assert (await client.post("/api/v1/photos", files={"photo": ("a.jpg", GOOD)})).status_code == 401


async def test_uploads_at_once_are_served_or_asked_to_wait(grandma):
    answers = await asyncio.gather(*(upload(grandma, GOOD) for _ in range(20)))

    assert {answer.status_code for answer in answers} <= {201, 503}
    assert sum(answer.status_code == 201 for answer in answers) == await Photo.all().count() > 0


async def test_only_unused_photos_are_deleted_after_a_day(grandma, clock):
    used, unused = [(await upload(grandma, GOOD + bytes(n))).json() for n in (1, 2)]
    await grandma.post("/needs", TOLD | {"photo_ids": [used["id"]]})

    assert await photos.unused(clock.now(), most=10) == []
    assert [row.id for row in await photos.unused(clock.forward(hours=25), most=10)] == [unused["id"]]


async def test_link_to_a_deleted_photo_is_not_found(grandma, client):
    links = (await upload(grandma, GOOD)).json()

    assert await photos.forget(links["id"])

    assert (await client.get(links["large"])).status_code == 404
