"""Activities 活动: their seats, and their posts for volunteers."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from server.models.areas import Area
from server.models.base import Model
from server.models.categories import Category
from server.models.fields import ExactTextField, UtcDatetimeField, new_id
from server.models.people import Person
from server.models.points import EarningRule
from server.models.stations import Station
from server.models.venues import VenueUse


class ActivityStatus(StrEnum):
    """The decided status. Whether booking is open or the activity is running depends on the time."""

    DRAFT = "draft"
    PUBLISHED = "published"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class ActivitySeries(Model):
    """A series of activities, repeated every so many weeks at the same time."""

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
    """An activity with its seats: booked (`seats_taken`), held for an offer (`seats_held`), or free.

    Its row is locked by every change of seats or the waiting list. `last_number` counts all bookings there ever were,
    and `waiting` is the number of waiting bookings.
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
    # The area of the place, and its town and county, so that lists of each find it without a join.
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
    priority_until: datetime | None = UtcDatetimeField(null=True)  # until then only residents of the covered areas
    booking_closes_at = UtcDatetimeField()
    cancellation_until = UtcDatetimeField()
    seats = fields.IntField()
    seats_taken = fields.IntField(default=0)
    seats_held = fields.IntField(default=0)
    waiting = fields.IntField(default=0)
    last_number = fields.IntField(default=0)
    max_party_size = fields.SmallIntField(default=1)
    min_age = fields.SmallIntField(null=True)
    max_age = fields.SmallIntField(null=True)
    questions: Any = fields.JSONField(default=list)
    # The rule for attendance points, if the station's head has written one.
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
    end_reason = ExactTextField(max_length=200, default="")  # why it was cancelled; booked people read it
    # When people were reminded of the present time, or when it was too late to remind them.
    reminded_day_at: datetime | None = UtcDatetimeField(null=True)
    reminded_hours_at: datetime | None = UtcDatetimeField(null=True)
    # The areas whose residents it is for, without any for everybody; set where they were read with it.
    eligible_area_ids: frozenset[int]

    class Meta:
        table = "activity"
        constraints = (
            CheckConstraint(
                check="seats_taken >= 0 AND seats_held >= 0 AND seats_taken + seats_held <= seats",
                name="activity_seats",
            ),
            CheckConstraint(check="waiting >= 0 AND last_number >= 0 AND max_party_size > 0", name="activity_line"),
            CheckConstraint(
                check="ends_at > starts_at AND booking_closes_at > booking_opens_at"
                " AND booking_closes_at <= ends_at AND cancellation_until <= starts_at",
                name="activity_times",
            ),
        )
        indexes = (
            # Lists force one of these: left to choose, MariaDB reads all activities from the oldest on. The end is in
            # the index, so that activities that are over are skipped without reading their rows.
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
    """An area whose residents the activity is for. Without any it is for everybody."""

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
    """A task for volunteers at an activity (签到, 引导 …), and how many of them."""

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
