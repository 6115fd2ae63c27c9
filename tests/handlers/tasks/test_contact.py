"""The reply with a contact is not stored for its idempotency key."""

from server.domain.tasks import claims
from server.models import IdempotencyKey, Reading
from tests import factories
from tests.factories import tasks
from tests.people import Phone
from tests.sides import sign_in


async def test_contact_is_refused_to_the_same_key_after_the_claim_was_refused(app, client, clock):
    city = await factories.city(clock.now())
    li = await tasks.volunteer(city)
    task = await tasks.confirmed(city, by=li)
    phone = Phone(client, await sign_in(li.person_id, clock.now()), li.person_id)
    path, why = f"/tasks/{task.id}/contact", {"reason": "出发前联系"}

    first = await phone.post(path, why, key="the-same-key-for-both")
    assert first.json()["phone"] == "13812345678"
    await claims.refuse(task.id, reason="另有安排", by=city.staff["陈社工"], now=clock.now())

    again = await phone.post(path, why, key="the-same-key-for-both")
    assert (again.status_code, again.json()["code"]) == (409, "invalid_state")
    assert again.json()["message"].endswith("才能查看联系方式")
    assert await IdempotencyKey.all().count() == 0
    assert await Reading.filter(reader_id=li.person_id).count() == 1
