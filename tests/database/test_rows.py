"""Rows inserted by SQL of our own have every column of their model, and become the same objects."""

import pytest

from server.database import db, rows
from server.database.condition import ALWAYS, NEVER, among, select, where
from server.models import Activity, Booking, BookingStatus, Channel, Need, NeedStatus, Notice, Urgency
from tests.conftest import NOW
from tests.factories.activities import activity

NOTICE = {"template": "need_accepted", "title": "需求已受理", "body": "已受理", "created_at": NOW}


async def test_inserted_row_is_read_as_the_same_object(city):
    first = await city.need()
    copied = {name: getattr(first, name) for name in Need._meta.fields_db_projection if name not in {"id", "slip_code"}}

    [row] = await rows.insert(Need, copied | {"slip_code": "ABCDEFGHJK"})

    read, made = await Need.get(id=row["id"]), rows.of(Need, row)
    for name in Need._meta.fields_db_projection:
        assert getattr(read, name) == getattr(made, name), name
    assert (made.status, made.urgency, made.submitted_at) == (NeedStatus.SUBMITTED, Urgency.NORMAL, NOW)


async def test_row_found_by_own_sql_is_the_same_object(city):
    need = await city.need()

    [row] = await select("n.*", "need n", where("n.id = ?", need.id))

    read = await Need.get(id=need.id)
    for name in Need._meta.fields_db_projection:
        assert getattr(rows.of(Need, row), name) == getattr(read, name), name


@db.transaction
async def write(*statements):
    await db.execute_together(statements)


async def test_inserted_and_changed_object_has_every_column_of_its_model(city):
    one, person_id = await activity(city), city.grandma.id
    who = {"person_id": person_id, "booked_by_id": person_id, "channel": Channel.PHONE_APP}
    booking = rows.new(
        Booking, activity_id=one.id, **who, status=BookingStatus.WAITING, size=1, number=1, booked_at=NOW
    )

    await write(rows.insert_statement([booking]))
    await write(rows.update_statement(Booking, booking.id, status=BookingStatus.BOOKED, seated_at=NOW, late=True))

    booking.update_from_dict({"status": BookingStatus.BOOKED, "seated_at": NOW, "late": True})
    read = await Booking.get(id=booking.id)
    for name in Booking._meta.fields_db_projection:
        assert getattr(read, name) == getattr(booking, name), name


async def test_object_has_only_the_columns_that_were_read(city):
    one = await activity(city, questions=[{"name": "breakfast"}])
    columns = "a.id, a.status, a.questions, a.starts_at `activity.starts_at`, a.listed `activity.listed`, 7 extra"

    [row] = await select(columns, "activity a", where("a.id = ?", one.id))

    plain, named = rows.of(Activity, row), rows.of(Activity, row, "activity.")
    assert (plain.id, plain.status, plain.questions, plain.extra) == (one.id, one.status, one.questions, 7)
    assert (named.starts_at, named.listed) == (one.starts_at, 1)
    for missing in ("title", "starts_at", "seats"):
        with pytest.raises(AttributeError):
            getattr(plain, missing)


async def test_rows_get_defaults_and_ids_of_their_own(city):
    people = (city.grandma.id, city.staff["陈社工"].person_id)

    await rows.insert(Notice, *({"person_id": one, **NOTICE} for one in people))

    found = await Notice.filter(template="need_accepted")
    assert {one.person_id for one in found} == set(people)
    assert len({one.id for one in found}) == 2
    assert {(one.read_at, one.subject_id) for one in found} == {(None, None)}


async def test_missing_or_unknown_column_is_a_mistake(city):
    with pytest.raises(AssertionError, match="no value"):
        await rows.insert(Notice, NOTICE)
    with pytest.raises(AssertionError, match="no such column"):
        await rows.insert(Notice, {"person_id": 1, "text": "?", **NOTICE})


async def test_conditions_join_with_their_values(database):
    either = among("v", [1, 2]) | where("v = ?", 5) & where("v < ?", 9)
    numbers = "(SELECT 1 v UNION SELECT 3 UNION SELECT 5) n"

    for condition, expected in ((either, [1, 5]), (either & ALWAYS, [1, 5]), (either & among("v", []), [])):
        found = await select("v", numbers, condition, "ORDER BY v LIMIT ?", last=(5,))
        assert [row["v"] for row in found] == expected
    assert (await db.execute(f"SELECT 1 one WHERE {NEVER.sql}"))[1] == []
