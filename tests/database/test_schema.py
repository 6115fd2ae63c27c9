"""The schema in the database is the one the models declare, on every engine."""

import importlib
import re

import aiomysql
import pytest
from tortoise import fields
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.migrations.constraints import CheckConstraint
from tortoise.migrations.operations import CreateModel

import server.models as tables
from server.database import db, schema
from server.database.connection import IDLE_TRANSACTION_SECONDS
from server.models.fields import PersonalField
from tests.conftest import NOW
from tests.services import chosen_database

FIRST = importlib.import_module("server.migrations.0001_initial").Migration
MODELS = [getattr(tables, name) for name in tables.__all__ if hasattr(getattr(tables, name), "_meta")]


async def test_every_change_of_the_models_has_its_migration():
    assert [writer.name for writer in await schema.unwritten()] == []


def test_first_migration_only_creates_tables_so_that_it_is_applied_in_seconds():
    assert issubclass(FIRST, schema.FirstMigration)
    assert all(isinstance(one, CreateModel | schema.AddCheck | schema.AddIndex) for one in FIRST.operations)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
async def test_every_declared_unique_key_and_index_is_in_the_database(database, model):
    found = await _keys(model._meta.db_table)

    for wanted in _declared(model):
        assert any(key[: len(wanted)] == wanted for key in found), f"{model.__name__}: no key over {wanted}"


def _declared(model) -> list[tuple[str, ...]]:
    together = list(model._meta.unique_together)
    indexes = [getattr(index, "fields", index) for index in model._meta.indexes]
    singles = [
        (name,)
        for name, field in model._meta.fields_map.items()
        if getattr(field, "unique", False) and not field.pk and field.has_db_field
    ]
    return [_columns(model, group) for group in (*together, *indexes, *singles)]


def _columns(model, group) -> tuple[str, ...]:
    return tuple(model._meta.fields_map[name].source_field or name for name in group)


async def _keys(table: str) -> list[tuple[str, ...]]:
    if db.dialect() == "sqlite":
        names = [row["name"] for row in (await db.connection().execute_query(f"PRAGMA index_list({table})"))[1]]
        rows = [(await db.connection().execute_query(f"PRAGMA index_info({name})"))[1] for name in names]
        return [tuple(row["name"] for row in one) for one in rows]
    _, rows = await db.connection().execute_query(
        "SELECT index_name i, column_name c FROM information_schema.statistics"
        " WHERE table_schema = DATABASE() AND table_name = %s ORDER BY index_name, seq_in_index",
        [table],
    )
    grouped: dict[str, list[str]] = {}
    for row in rows:
        grouped.setdefault(row["i"], []).append(row["c"])
    return [tuple(one) for one in grouped.values()]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_deleting_a_row_never_deletes_what_hangs_on_it(model):
    for field in model._meta.fields_map.values():
        if isinstance(field, fields.relational.ForeignKeyFieldInstance):
            assert field.on_delete == fields.RESTRICT, f"{model.__name__}.{field.model_field_name}"


def test_personal_text_is_in_these_columns_only():
    personal = {
        f"{model.__name__}.{name}"
        for model in MODELS
        for name, field in model._meta.fields_map.items()
        if isinstance(field, PersonalField)
    }

    assert personal == {
        "Person.name", "Person.phone", "ShutOut.reason", "ShutOut.readmission_reason",
        "Need.text", "Need.contact_name", "Need.contact_phone", "Need.place", "Need.outcome",
        "NeedEvent.text", "NeedEvent.note",
        "Complaint.named", "Complaint.text", "ComplaintAnswer.appeal", "ComplaintAnswer.text", "Referral.reason", "Referral.answer_reason", "Extension.reason", "Appeal.reason", "Appeal.decision",
        "Rating.comment", "CallBack.note", "Reading.reason", "LookUp.reason", "FormerName.name",
        "FormerName.reason", "Joining.reason", "RoleOffer.name",
        "CrisisOpening.reason", "DutyShift.phone", "DutyShift.note",
        "Volunteer.about", "Volunteer.decision", "Ban.reason", "Ban.appeal", "Ban.decision",
        "Task.place", "TaskEvent.note", "Dispute.beneficiary_words", "Dispute.volunteer_words", "Dispute.decision",
        "Dispute.appeal", "ServiceRecord.text", "ServiceRecord.exception_reason", "ServiceRecord.decision",
        "Certificate.name", "Earning.text", "Earning.decision", "Objection.reason", "Objection.decision",
        "Donation.donor",
        "Booking.answers", "Booking.reason", "Attendee.name", "NoShow.excuse", "NoShow.decision",
        "ActivityRating.comment",
    }  # fmt: skip


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
async def test_every_declared_check_is_in_the_database(database, model):
    declared = {one.name for one in model._meta.constraints if isinstance(one, CheckConstraint)}

    assert declared <= await _checks(model._meta.db_table)


async def _checks(table: str) -> set[str]:
    if db.dialect() == "sqlite":
        _, rows = await db.connection().execute_query("SELECT sql FROM sqlite_master WHERE name = ?", [table])
        return set(re.findall(r'CONSTRAINT "(\w+)" CHECK', rows[0]["sql"]))
    statement = "SELECT constraint_name n FROM information_schema.check_constraints WHERE table_name = %s"
    _, rows = await db.connection().execute_query(statement, [table])
    return {row["n"] for row in rows}


async def test_six_stars_are_refused_by_the_database_itself(city):
    need = await city.need()
    given = {"station_id": need.station_id, "stars": 6, "solved": "yes", "rated_at": NOW, "outcome": 1}

    with pytest.raises((IntegrityError, OperationalError)):
        await tables.Rating.create(need=need, person=city.grandma, **given)


@pytest.mark.skipif(chosen_database() != "mariadb", reason="SQLite has no limit")
async def test_an_index_over_a_million_rows_may_take_its_time(database_url):
    wanted = schema.without_time_limit(db.config(database_url, pool=1))["connections"]["default"]["credentials"]
    place = {name: wanted[name] for name in ("host", "port", "user", "init_command")}

    async with aiomysql.connect(**place) as link, link.cursor() as cursor:
        await cursor.execute("SELECT @@max_statement_time, @@idle_transaction_timeout")
        assert await cursor.fetchall() == ((0, 0),)


@pytest.mark.skipif(chosen_database() != "mariadb", reason="SQLite has one writer, which the system frees when it dies")
async def test_process_that_is_frozen_in_a_transaction_loses_its_locks(database):
    _, rows = await db.connection().execute_query("SELECT @@idle_transaction_timeout seconds")

    assert rows[0]["seconds"] == IDLE_TRANSACTION_SECONDS
