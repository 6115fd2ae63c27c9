"""Points 积分: earning rules, earned points, public notices and objections."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.base import Model
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
from server.models.people import Person
from server.models.stations import Station


class RuleKind(StrEnum):
    HOUR = "hour"  # per approved hour of service
    ACTIVITY = "activity"
    DEED = "deed"  # 积分事项


class EarningRule(Model):
    """A station's rule for points, kept by its head, with caps per person, day and month."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="earning_rules", on_delete=fields.RESTRICT
    )
    station_id: int
    kind = fields.CharEnumField(RuleKind, max_length=8)
    title = ExactTextField(max_length=40)
    points = fields.IntField()
    daily_cap = fields.IntField()
    monthly_cap = fields.IntField()
    public_notice = fields.BooleanField(default=False)  # listed in public before they count
    active = fields.BooleanField(default=True)
    written_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    written_by_id: int
    written_at = UtcDatetimeField()

    class Meta:
        table = "earning_rule"
        constraints = (
            CheckConstraint(
                check="points > 0 AND daily_cap >= points AND monthly_cap >= daily_cap", name="earning_rule_caps"
            ),
        )
        unique_together = (("station", "kind", "title"),)


class PublicNotice(Model):
    """A public list 公示 of a station's earned points with masked names. An objection freezes an entry."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="public_notices", on_delete=fields.RESTRICT
    )
    station_id: int
    title = ExactTextField(max_length=60)
    published_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    published_by_id: int
    published_at = UtcDatetimeField()
    ends_at = UtcDatetimeField()
    ended_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "public_notice"
        indexes = (("station_id", "published_at", "id"),)


class EarningStatus(StrEnum):
    CLAIMED = "claimed"  # a deed, claimed by the resident or entered by staff
    WAITING = "waiting"  # approved, to be listed
    LISTED = "listed"
    FROZEN = "frozen"
    GRANTED = "granted"
    REFUSED = "refused"
    REVERSED = "reversed"


class Earning(Model):
    """Points that a person earned by a rule, from the claim to the ledger."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    cause = ExactTextField(max_length=64, unique=True)  # service_record:41, deed:7
    status = fields.CharEnumField(EarningStatus, max_length=8)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="earnings", on_delete=fields.RESTRICT
    )
    person_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="earnings", on_delete=fields.RESTRICT
    )
    station_id: int
    # None for the default rule of an hour.
    rule: fields.ForeignKeyNullableRelation[EarningRule] = fields.ForeignKeyField(
        "models.EarningRule", related_name="earnings", null=True, on_delete=fields.RESTRICT
    )
    rule_id: int | None
    kind = fields.CharEnumField(RuleKind, max_length=8)
    text = PersonalField(default="")
    points = fields.IntField()
    day = fields.DateField()  # the day in Shanghai on which it was earned; caps count by it
    claimed_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    claimed_by_id: int | None
    claimed_at = UtcDatetimeField()
    decided_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    decided_by_id: int | None
    decided_at: datetime | None = UtcDatetimeField(null=True)
    decision = PersonalField(default="")
    public_notice: fields.ForeignKeyNullableRelation[PublicNotice] = fields.ForeignKeyField(
        "models.PublicNotice", related_name="lines", null=True, on_delete=fields.RESTRICT
    )
    public_notice_id: int | None

    class Meta:
        table = "earning"
        constraints = (CheckConstraint(check="points >= 0", name="earning_points"),)
        indexes = (
            ("person_id", "day"),
            ("station_id", "status", "claimed_at", "id"),
            ("status", "claimed_at", "id"),
            ("public_notice_id", "status"),
        )


class Objection(Model):
    """An objection to an entry of a public notice, decided by uninvolved staff."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    earning: fields.ForeignKeyRelation[Earning] = fields.ForeignKeyField(
        "models.Earning", related_name="objections", on_delete=fields.RESTRICT
    )
    earning_id: int
    reason = PersonalField()
    made_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    made_by_id: int
    made_at = UtcDatetimeField()
    decided_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    decided_by_id: int | None
    decided_at: datetime | None = UtcDatetimeField(null=True)
    upheld = fields.BooleanField(null=True)
    decision = PersonalField(default="")

    class Meta:
        table = "objection"
        unique_together = (("earning", "made_by"),)
        indexes = (("decided_at", "made_at", "id"),)
