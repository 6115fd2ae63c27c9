"""Volunteers: application, skills, free times, teams, trainings, bans."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.base import Model
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
from server.models.people import Person
from server.models.stations import Station


class VolunteerStatus(StrEnum):
    APPLIED = "applied"
    APPROVED = "approved"
    DECLINED = "declined"
    BANNED = "banned"
    LEFT = "left"


class Volunteer(Model):
    """A resident's application to volunteer and its decision, one row a person.

    `served_minutes` is the sum of the approved service records; spending minutes does not lower it.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    person: fields.OneToOneRelation[Person] = fields.OneToOneField(
        "models.Person", related_name="volunteer", on_delete=fields.RESTRICT
    )
    person_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="volunteers", on_delete=fields.RESTRICT
    )
    station_id: int
    status = fields.CharEnumField(VolunteerStatus, max_length=10)
    about = PersonalField(default="")
    skills: Any = fields.JSONField(default=list)  # codes of categories of service
    free_times: Any = fields.JSONField(default=list)  # [{"weekday": 1, "from_minute": 540, "until_minute": 720}]
    show_in_rankings = fields.BooleanField(default=False)  # agreed to appear, masked, in rankings
    served_minutes = fields.BigIntField(default=0)
    applied_at = UtcDatetimeField()
    decided_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    decided_by_id: int | None
    decided_at: datetime | None = UtcDatetimeField(null=True)
    decision = PersonalField(default="")  # the reason, if declined

    class Meta:
        table = "volunteer"
        constraints = (CheckConstraint(check="served_minutes >= 0", name="volunteer_served"),)
        indexes = (
            ("station_id", "status", "applied_at", "id"),
            ("station_id", "applied_at", "id"),
            ("applied_at", "id"),
            ("show_in_rankings", "served_minutes"),
        )


class Ban(Model):
    """A ban with its reason and its appeal, if any. `open` is 1 until the ban is lifted."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "models.Volunteer", related_name="bans", on_delete=fields.RESTRICT
    )
    volunteer_id: int
    reason = PersonalField()
    banned_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    banned_by_id: int
    banned_at = UtcDatetimeField()
    appeal = PersonalField(default="")
    appealed_at: datetime | None = UtcDatetimeField(null=True)
    # The station that decides the appeal.
    appeal_station: fields.ForeignKeyNullableRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    appeal_station_id: int | None
    decided_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    decided_by_id: int | None
    decided_at: datetime | None = UtcDatetimeField(null=True)
    decision = PersonalField(default="")
    lifted_at: datetime | None = UtcDatetimeField(null=True)
    open: int | None = fields.SmallIntField(null=True, default=1)

    class Meta:
        table = "ban"
        unique_together = (("volunteer", "open"),)
        indexes = (("appeal_station_id", "decided_at"),)


class Training(Model):
    """A training that a volunteer took part in."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "models.Volunteer", related_name="trainings", on_delete=fields.RESTRICT
    )
    volunteer_id: int
    title = ExactTextField(max_length=60)
    day = fields.DateField()
    training_minutes = fields.IntField()
    recorded_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    recorded_by_id: int
    recorded_at = UtcDatetimeField()

    class Meta:
        table = "training"
        constraints = (CheckConstraint(check="training_minutes > 0", name="training_time"),)
        unique_together = (("volunteer", "title", "day"),)


class Team(Model):
    """A station's team of volunteers."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="teams", on_delete=fields.RESTRICT
    )
    station_id: int
    name = ExactTextField(max_length=40)
    about = ExactTextField(max_length=200, default="")
    created_at = UtcDatetimeField()
    ended_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "team"
        unique_together = (("station", "name"),)


class TeamMember(Model):
    """A volunteer's membership in a team. `current` is 1, then NULL."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    team: fields.ForeignKeyRelation[Team] = fields.ForeignKeyField(
        "models.Team", related_name="members", on_delete=fields.RESTRICT
    )
    team_id: int
    volunteer: fields.ForeignKeyRelation[Volunteer] = fields.ForeignKeyField(
        "models.Volunteer", related_name="team_memberships", on_delete=fields.RESTRICT
    )
    volunteer_id: int
    is_leader = fields.BooleanField(default=False)
    joined_at = UtcDatetimeField()
    left_at: datetime | None = UtcDatetimeField(null=True)
    current: int | None = fields.SmallIntField(null=True, default=1)

    class Meta:
        table = "team_member"
        unique_together = (("team", "volunteer", "current"),)
