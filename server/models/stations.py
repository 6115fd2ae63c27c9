"""Stations 社会工作服务站点, what they offer and which areas they cover."""

from enum import StrEnum

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.areas import Area
from server.models.base import Model
from server.models.fields import ExactTextField


class StationLevel(StrEnum):
    """The levels of stations in plan rule 1, and above them the city desk, which takes what no station covers."""

    CITY_DESK = "city_desk"
    HEAD_STATION = "head_station"
    TOWN_STATION = "town_station"
    COMMUNITY_ROOM = "community_room"


class StationStatus(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSING = "closing"  # its needs move to other stations; until then its people serve them
    CLOSED = "closed"


class StationOrigin(StrEnum):
    """The five origins of a station in plan rule 5."""

    SUBSIDISED = "subsidised"
    GOVERNANCE_PILOT = "governance_pilot"
    WITH_SERVICE_BODY = "with_service_body"
    BUILT_BY_COUNTY = "built_by_county"
    EXISTING_PREMISES = "existing_premises"


class Station(Model):
    id = fields.IntField(primary_key=True)
    level = fields.CharEnumField(StationLevel, max_length=16)
    status = fields.CharEnumField(StationStatus, max_length=10)
    name = ExactTextField(max_length=100)
    area: fields.ForeignKeyRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name="stations", on_delete=fields.RESTRICT
    )
    area_id: int
    county: fields.ForeignKeyNullableRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name="county_stations", null=True, on_delete=fields.RESTRICT
    )
    county_id: int | None
    address = ExactTextField(max_length=200, default="")
    # Always gcj02 in the table; wgs84 is converted before it is written.
    longitude = fields.FloatField(null=True)
    latitude = fields.FloatField(null=True)
    opening_hours = ExactTextField(max_length=200, default="")
    phone = ExactTextField(max_length=20, default="")
    duty_phone = ExactTextField(max_length=20, default="")
    operator = ExactTextField(max_length=100, default="")
    origin = fields.CharEnumField(StationOrigin, max_length=20, null=True)

    class Meta:
        table = "station"
        indexes = (("county_id",), ("latitude", "longitude"))


class StationCategory(Model):
    """A category of need the station offers."""

    id = fields.IntField(primary_key=True)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="offers", on_delete=fields.RESTRICT
    )
    station_id: int
    category: fields.ForeignKeyRelation["Model"] = fields.ForeignKeyField(
        "models.Category", related_name="offered_by", on_delete=fields.RESTRICT
    )
    category_id: int

    class Meta:
        table = "station_category"
        unique_together = (("station", "category"),)


class Coverage(Model):
    """A station covers an area from one day until (not including) another.

    `current` is 1 while no end is set and NULL after: the unique key then holds one station per area and level.
    """

    id = fields.IntField(primary_key=True)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="coverage", on_delete=fields.RESTRICT
    )
    station_id: int
    area: fields.ForeignKeyRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name="coverage", on_delete=fields.RESTRICT
    )
    area_id: int
    level = fields.CharEnumField(StationLevel, max_length=16)
    valid_from = fields.DateField()
    valid_until = fields.DateField(null=True)
    current: int | None = fields.SmallIntField(null=True, default=1)

    class Meta:
        table = "coverage"
        constraints = (
            CheckConstraint(check="valid_until IS NULL OR valid_until >= valid_from", name="coverage_dates"),
        )
        unique_together = (("area", "level", "current"),)
        indexes = (("station_id", "current"),)
