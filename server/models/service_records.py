"""Service records 服务记录 of volunteers' time, and certificates of it."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.base import Model
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
from server.models.people import Person
from server.models.stations import Station
from server.models.tasks import Task


class RecordSource(StrEnum):
    TASK = "task"
    ACTIVITY = "activity"
    CLAIM = "claim"


class RecordStatus(StrEnum):
    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    REVIEWED = "reviewed"  # back-entered time, by the first of two workers
    APPROVED = "approved"
    DECLINED = "declined"
    REVERSED = "reversed"


class ServiceRecord(Model):
    """A span of service, verified if it was checked in and out, or confirmed by the beneficiary.

    `spendable_minutes` of an approved record went to the volunteer's account, the rest counts as honour.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    status = fields.CharEnumField(RecordStatus, max_length=10)
    source = fields.CharEnumField(RecordSource, max_length=8)
    volunteer: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="service_records", on_delete=fields.RESTRICT
    )
    volunteer_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="service_records", on_delete=fields.RESTRICT
    )
    station_id: int
    task: fields.OneToOneNullableRelation[Task] = fields.OneToOneField(
        "models.Task", related_name="service_record", null=True, on_delete=fields.RESTRICT
    )
    task_id: int | None
    text = PersonalField(default="")
    started_at = UtcDatetimeField()
    ended_at = UtcDatetimeField()
    minutes = fields.IntField()
    verified = fields.BooleanField()
    claimed_at = UtcDatetimeField()
    confirmed_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    confirmed_by_id: int | None
    confirmed_at: datetime | None = UtcDatetimeField(null=True)
    reviewed_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    reviewed_by_id: int | None
    reviewed_at: datetime | None = UtcDatetimeField(null=True)
    approved_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    approved_by_id: int | None
    approved_at: datetime | None = UtcDatetimeField(null=True)
    exception_reason = PersonalField(default="")  # why back-entered time can be spent
    spendable_minutes = fields.IntField(default=0)
    decision = PersonalField(default="")  # why declined or reversed
    # 1; NULL once declined or reversed, or without counted time: then another record may cover the same time.
    counts: int | None = fields.SmallIntField(null=True, default=1)

    class Meta:
        table = "service_record"
        constraints = (
            # 0 minutes: the day was already full; the record exists all the same.
            CheckConstraint(check="ended_at > started_at AND minutes >= 0", name="service_record_time"),
            CheckConstraint(
                check="spendable_minutes >= 0 AND spendable_minutes <= minutes", name="service_record_minutes"
            ),
            CheckConstraint(
                check="approved_by_id IS NULL OR approved_by_id <> volunteer_id", name="service_record_four_eyes"
            ),
        )
        unique_together = (("volunteer", "started_at", "counts"),)
        indexes = (
            ("volunteer_id", "claimed_at", "id"),
            ("volunteer_id", "status", "ended_at"),
            ("station_id", "status", "claimed_at", "id"),
            ("station_id", "status", "approved_at"),
            ("status", "claimed_at", "id"),  # the city's list
            ("status", "ended_at"),  # rankings
        )


class Certificate(Model):
    """Certificate 志愿服务证明 of all service until a day. Anyone can verify it by its code without signing in."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    code = ExactTextField(max_length=16, unique=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="certificates", on_delete=fields.RESTRICT
    )
    person_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name=False, on_delete=fields.RESTRICT
    )
    station_id: int
    name = PersonalField()
    served_minutes = fields.BigIntField()
    records = fields.IntField()
    stars = fields.SmallIntField()
    first_day = fields.DateField()
    last_day = fields.DateField()
    issued_at = UtcDatetimeField()
    revoked_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "certificate"
        constraints = (CheckConstraint(check="served_minutes > 0 AND records > 0 AND stars >= 0", name="certified"),)
        indexes = (("person_id", "issued_at"),)
