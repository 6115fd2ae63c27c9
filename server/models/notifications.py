"""Notices 通知: what a person must know, written in the transaction of the change."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields

from server.models.base import Model
from server.models.fields import ExactTextField, UtcDatetimeField, new_id
from server.models.people import Person


class SubjectKind(StrEnum):
    """The kinds of things that a notice opens."""

    ACTIVITY = "activity"
    BAN = "ban"
    BOOKING = "booking"
    CALL_BACK = "call_back"
    COMPLAINT = "complaint"
    DUTY_SHIFT = "duty_shift"
    EARNING = "earning"
    HOUSEHOLD = "household"
    NEED = "need"
    OBJECTION = "objection"
    ORDER = "order"
    PUBLIC_NOTICE = "public_notice"
    SEAT_OFFER = "seat_offer"
    SERVICE_RECORD = "service_record"
    STATION = "station"
    TASK = "task"
    TEAM = "team"
    VOLUNTEER = "volunteer"


class Notice(Model):
    """A notice in a person's inbox. It points at its subject and has no personal details."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="notices", on_delete=fields.RESTRICT
    )
    person_id: int
    template = ExactTextField(max_length=40)
    title = ExactTextField(max_length=60)
    body = ExactTextField(max_length=500)
    # Both, or neither when there is nothing to open.
    subject_kind = fields.CharEnumField(SubjectKind, max_length=14, null=True)
    subject_id: int | None = fields.BigIntField(null=True)
    created_at = UtcDatetimeField()
    read_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "notice"
        indexes = (("person_id", "created_at", "id"),)
