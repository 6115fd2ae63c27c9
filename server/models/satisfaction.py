"""Satisfaction 满意度: ratings of needs, and call-backs 回访."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.base import Model
from server.models.fields import PersonalField, UtcDatetimeField, new_id
from server.models.needs import Need
from server.models.people import Person
from server.models.stations import Station


class RatingTag(StrEnum):
    """The tags of a rating: five to praise, five to complain."""

    QUICK = "quick"
    KIND = "kind"
    SKILLED = "skilled"
    SOLVED = "solved"
    CLEAR = "clear"
    SLOW = "slow"
    UNKIND = "unkind"
    CARELESS = "careless"
    UNSOLVED = "unsolved"
    UNCLEAR = "unclear"


class Rating(Model):
    """A rating of a need, one per person, 1 to 5 stars. Nothing is rated by default."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    need: fields.ForeignKeyRelation[Need] = fields.ForeignKeyField(
        "models.Need", related_name="ratings", on_delete=fields.RESTRICT
    )
    need_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="ratings", on_delete=fields.RESTRICT
    )
    person_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="ratings", on_delete=fields.RESTRICT
    )
    station_id: int
    stars = fields.SmallIntField()
    tags: Any = fields.JSONField(default=list)
    comment = PersonalField(default="")
    rated_at = UtcDatetimeField()
    changed_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "rating"
        constraints = (CheckConstraint(check="stars BETWEEN 1 AND 5", name="rating_stars"),)
        unique_together = (("need", "person"),)
        indexes = (("station_id", "rated_at"),)


class CallBackReason(StrEnum):
    LOW_RATING = "low_rating"
    STILL_LOW = "still_low"  # rated low after it had been reopened
    SAMPLE = "sample"


class CallBack(Model):
    """A call-back 回访: a call to the resident by a worker who did not handle the need, until its due date."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    need: fields.ForeignKeyRelation[Need] = fields.ForeignKeyField(
        "models.Need", related_name="call_backs", on_delete=fields.RESTRICT
    )
    need_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="call_backs", on_delete=fields.RESTRICT
    )
    station_id: int
    reason = fields.CharEnumField(CallBackReason, max_length=10)
    opened_at = UtcDatetimeField()
    due_at = UtcDatetimeField()
    made_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="call_backs_made", null=True, on_delete=fields.RESTRICT
    )
    made_by_id: int | None
    made_at: datetime | None = UtcDatetimeField(null=True)
    reached = fields.BooleanField(null=True)
    satisfied = fields.BooleanField(null=True)
    note = PersonalField(default="")

    class Meta:
        table = "call_back"
        unique_together = (("need", "reason"),)
        indexes = (("station_id", "made_at", "due_at"),)
