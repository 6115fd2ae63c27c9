"""Satisfaction 满意度: ratings of needs, and call-backs 回访."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.activities import Activity
from server.models.base import Model
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
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


class Solved(StrEnum):
    """The resident's answer to the question whether the need was solved 解决了吗."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Rating(Model):
    """A rating of a need, one per person and outcome, 1 to 5 stars. Nothing is rated by default.

    A need that was reopened and resolved again has another outcome: the earlier rating stays in its month's figures.
    """

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
    solved = fields.CharEnumField(Solved, max_length=6)
    tags: Any = fields.JSONField(default=list)
    comment = PersonalField(default="")
    rated_at = UtcDatetimeField()
    changed_at: datetime | None = UtcDatetimeField(null=True)
    outcome = fields.SmallIntField()  # number of the timeline's entry that resolved the need
    # The month whose figures count it, such as 2026-11; NULL: those figures are not fixed yet.
    figure_month = fields.CharField(max_length=7, null=True)
    confidential = fields.BooleanField(default=False)  # as the need's category was when the figures were fixed

    class Meta:
        table = "rating"
        constraints = (CheckConstraint(check="stars BETWEEN 1 AND 5", name="rating_stars"),)
        unique_together = (("need", "person", "outcome"),)
        indexes = (("station_id", "figure_month", "id"), ("figure_month", "rated_at"))


class FigureColumns(Model):
    """Figures made from ratings, written once, when none of the ratings can change any more.

    `shown`: there are at least `min_ratings` ratings, and no smaller group follows from figures that are shown.
    """

    ratings = fields.IntField()
    min_ratings = fields.IntField()
    shown = fields.BooleanField()
    distribution: Any = fields.JSONField()  # number of ratings with 1, 2, 3, 4 and 5 stars
    tags: Any = fields.JSONField()  # number of ratings by tag
    fixed_at = UtcDatetimeField()

    class Meta:
        abstract = True


class FigureSubject(StrEnum):
    NEEDS = "needs"
    ACTIVITIES = "activities"


class MonthlySatisfaction(FigureColumns):
    """The figures of a whole month, of a station (`station:7`), a county (`area:3`) or the city.

    Those of stations leave out confidential needs. A month is fixed when the city has its row.
    """

    id = fields.BigIntField(primary_key=True)
    scope = ExactTextField(max_length=20)
    subject = fields.CharEnumField(FigureSubject, max_length=10)
    month = fields.CharField(max_length=7)
    finished = fields.IntField()  # needs resolved, or activities whose figures were fixed in the month
    asked = fields.IntField()  # needs rated or closed without a rating, or people who could rate an activity
    rated = fields.IntField()  # needs rated, or people who rated
    due = fields.IntField(default=0)  # needs whose response was due in the month
    in_time = fields.IntField(default=0)  # of these, needs answered in time
    solved: Any = fields.JSONField()  # number of ratings that say yes, partly and no

    class Meta:
        table = "monthly_satisfaction"
        unique_together = (("scope", "subject", "month"),)


class ActivitySatisfaction(FigureColumns):
    """The figures of an activity's ratings, written once, when its days to rate and to change ratings are over."""

    id = fields.BigIntField(primary_key=True)
    activity: fields.OneToOneRelation[Activity] = fields.OneToOneField(
        "models.Activity", related_name="satisfaction", on_delete=fields.RESTRICT
    )
    activity_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="activity_satisfaction", on_delete=fields.RESTRICT
    )
    station_id: int
    month = fields.CharField(max_length=7)  # the month in which it was fixed: the station's figures of it count it
    eligible_raters = fields.IntField()

    class Meta:
        table = "activity_satisfaction"
        indexes = (("month", "station_id"),)


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
