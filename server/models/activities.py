"""Activities 活动: what a station invites to, the seats it has, and the posts volunteers fill."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from server.models.areas import Area
from server.models.categories import Category
from server.models.fields import ExactTextField, UtcDatetimeField, new_id
from server.models.people import Person
from server.models.points import EarningRule
from server.models.stations import Station
from server.models.venues import VenueUse


class ActivityStatus(StrEnum):
    """What was decided. Whether booking is open, or it is running, is a matter of the clock."""

    DRAFT = "draft"
    PUBLISHED = "published"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class ActivitySeries(Model):
    """Activities that come again: every so many weeks, at the same time."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="activity_series", on_delete=fields.RESTRICT
    )
    station_id: int
    every_weeks = fields.SmallIntField()
    created_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    created_by_id: int
    created_at = UtcDatetimeField()

    class Meta:
        table = "activity_series"
        constraints = (CheckConstraint(check="every_weeks > 0", name="activity_series_weeks"),)


class Activity(Model):
    """An activity with its seats: booked (`seats_taken`), really held for who was offered one, or free.

    Its row is locked by whatever changes a seat or the line. `last_number` counts all who ever booked or lined up, in
    the order they came, and `waiting` is how many bookings stand in line.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    status = fields.CharEnumField(ActivityStatus, max_length=10)
    # 1 while everybody may see it: published, running or finished.
    listed = fields.SmallIntField(default=0)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="activities", on_delete=fields.RESTRICT
    )
    station_id: int
    series: fields.ForeignKeyNullableRelation[ActivitySeries] = fields.ForeignKeyField(
        "models.ActivitySeries", related_name="activities", null=True, on_delete=fields.RESTRICT
    )
    series_id: int | None
    category: fields.ForeignKeyRelation[Category] = fields.ForeignKeyField(
        "models.Category", related_name=False, on_delete=fields.RESTRICT
    )
    category_id: int
    # Where it is: the area itself, and the town and county it lies in, so that a list of each needs no look upwards.
    area: fields.ForeignKeyRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name=False, on_delete=fields.RESTRICT
    )
    area_id: int
    town: fields.ForeignKeyNullableRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    town_id: int | None
    county: fields.ForeignKeyNullableRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    county_id: int | None
    title = ExactTextField(max_length=60)
    text = ExactTextField(max_length=2000)
    place = ExactTextField(max_length=200)
    venue_use: fields.OneToOneNullableRelation[VenueUse] = fields.OneToOneField(
        "models.VenueUse", related_name="activity", null=True, on_delete=fields.RESTRICT
    )
    venue_use_id: int | None
    starts_at = UtcDatetimeField()
    ends_at = UtcDatetimeField()
    booking_opens_at = UtcDatetimeField()
    priority_until: datetime | None = UtcDatetimeField(null=True)  # until then only who lives in the covered areas
    booking_closes_at = UtcDatetimeField()
    cancellation_until = UtcDatetimeField()
    seats = fields.IntField()
    seats_taken = fields.IntField(default=0)
    seats_held = fields.IntField(default=0)
    waiting = fields.IntField(default=0)
    last_number = fields.IntField(default=0)
    party_most = fields.SmallIntField(default=1)
    age_least = fields.SmallIntField(null=True)
    age_most = fields.SmallIntField(null=True)
    questions: Any = fields.JSONField(default=list)
    # What attending earns, where the station's head wrote such a rule.
    rule: fields.ForeignKeyNullableRelation[EarningRule] = fields.ForeignKeyField(
        "models.EarningRule", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    rule_id: int | None
    check_in_secret = ExactTextField(max_length=64)
    created_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    created_by_id: int
    created_at = UtcDatetimeField()
    published_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    published_by_id: int | None
    published_at: datetime | None = UtcDatetimeField(null=True)
    ended_at: datetime | None = UtcDatetimeField(null=True)  # finished or cancelled
    end_reason = ExactTextField(max_length=200, default="")  # why cancelled, as everybody booked reads it
    # When people were reminded of the time it has now, or when it was too late to.
    reminded_day_at: datetime | None = UtcDatetimeField(null=True)
    reminded_hours_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "activity"
        constraints = (
            CheckConstraint(
                check="seats_taken >= 0 AND seats_held >= 0 AND seats_taken + seats_held <= seats",
                name="activity_seats",
            ),
            CheckConstraint(check="waiting >= 0 AND last_number >= 0 AND party_most > 0", name="activity_line"),
            CheckConstraint(
                check="ends_at > starts_at AND booking_closes_at > booking_opens_at"
                " AND booking_closes_at <= ends_at AND cancellation_until <= starts_at",
                name="activity_times",
            ),
        )
        indexes = (
            # Browsing names one of these: left to choose, MariaDB reads all there ever was, from the oldest on.
            # With the end: what began this week and is over is passed over without a look at its row.
            Index(fields=("listed", "starts_at", "id", "ends_at"), name="activity_browsed"),
            Index(fields=("county_id", "listed", "starts_at", "id", "ends_at"), name="activity_browsed_by_county"),
            Index(fields=("town_id", "listed", "starts_at", "id", "ends_at"), name="activity_browsed_by_town"),
            Index(fields=("area_id", "listed", "starts_at", "id", "ends_at"), name="activity_browsed_by_area"),
            Index(fields=("category_id", "listed", "starts_at", "id", "ends_at"), name="activity_browsed_by_category"),
            Index(fields=("station_id", "listed", "starts_at", "id", "ends_at"), name="activity_browsed_by_station"),
            ("station_id", "starts_at", "id"),
            ("starts_at", "id"),  # the city's list
        )


class ActivityArea(Model):
    """An area whose residents an activity is for. Without any it is for everybody."""

    id = fields.BigIntField(primary_key=True)
    activity: fields.ForeignKeyRelation[Activity] = fields.ForeignKeyField(
        "models.Activity", related_name="for_areas", on_delete=fields.RESTRICT
    )
    activity_id: int
    area: fields.ForeignKeyRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name=False, on_delete=fields.RESTRICT
    )
    area_id: int

    class Meta:
        table = "activity_area"
        unique_together = (("activity", "area"),)


class Post(Model):
    """What volunteers do at an activity (签到, 引导 …) and how many of them."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    activity: fields.ForeignKeyRelation[Activity] = fields.ForeignKeyField(
        "models.Activity", related_name="posts", on_delete=fields.RESTRICT
    )
    activity_id: int
    title = ExactTextField(max_length=20)
    text = ExactTextField(max_length=200, default="")
    places = fields.IntField()
    taken = fields.IntField(default=0)

    class Meta:
        table = "post"
        constraints = (CheckConstraint(check="taken >= 0 AND taken <= places", name="post_places"),)
        unique_together = (("activity", "title"),)
