from tortoise import migrations
from server.database.schema import AddCheck
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from server.models.activities import ActivityStatus
from server.models.bookings import BookingStatus, CheckInWay, Exemption, OfferState
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
from server.models.needs import Channel
from server.models.venues import RoomKind
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint


class Migration(migrations.Migration):
    dependencies = [("models", "0002_ledger")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ActivitySeries",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="station_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="activity_series",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("every_weeks", fields.SmallIntField()),
                (
                    "created_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="created_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "activity_series",
                "app": "models",
                "pk_attr": "id",
                "table_description": "Activities that come again: every so many weeks, at the same time.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Room",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="station_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="rooms",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="RECEPTION: reception\nDISPLAY: display\nINTERVIEW: interview\nACTIVITY: activity\nARCHIVE: archive\nCASE_WORK: case_work\nGROUP_WORK: group_work\nMULTI_PURPOSE: multi_purpose\nMEETING: meeting\nREADING: reading\nCOUNCIL: council\nSINGING: singing\nDANCING: dancing\nFITNESS: fitness",
                        enum_type=RoomKind,
                        max_length=16,
                    ),
                ),
                ("name", ExactTextField(max_length=40)),
                ("people_most", fields.IntField()),
                ("active", fields.BooleanField(default=True)),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "room",
                "app": "models",
                "unique_together": (("station", "name"),),
                "pk_attr": "id",
                "table_description": "A room that can be booked. Its row is locked by whoever books it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RoomUse",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "room",
                    fields.ForeignKeyField(
                        "models.Room",
                        source_field="room_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="uses",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("starts_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("purpose", ExactTextField(max_length=60)),
                (
                    "taken_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="taken_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("taken_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("given_back_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "room_use",
                "app": "models",
                "indexes": [Index(fields=["room_id", "ends_at"])],
                "pk_attr": "id",
                "table_description": "A room taken from when until when: by an activity, or by staff for something of the station's own.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Activity",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        description="DRAFT: draft\nPUBLISHED: published\nFINISHED: finished\nCANCELLED: cancelled",
                        enum_type=ActivityStatus,
                        max_length=10,
                    ),
                ),
                ("listed", fields.SmallIntField(default=0)),
                (
                    "station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="station_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="activities",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "series",
                    fields.ForeignKeyField(
                        "models.ActivitySeries",
                        source_field="series_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="activities",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "category",
                    fields.ForeignKeyField(
                        "models.Category",
                        source_field="category_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "area",
                    fields.ForeignKeyField(
                        "models.Area",
                        source_field="area_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "town",
                    fields.ForeignKeyField(
                        "models.Area",
                        source_field="town_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "county",
                    fields.ForeignKeyField(
                        "models.Area",
                        source_field="county_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("title", ExactTextField(max_length=60)),
                ("text", ExactTextField(max_length=2000)),
                ("place", ExactTextField(max_length=200)),
                (
                    "room_use",
                    fields.OneToOneField(
                        "models.RoomUse",
                        source_field="room_use_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="activity",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("starts_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("booking_opens_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("priority_until", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("booking_closes_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("cancellation_until", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("seats", fields.IntField()),
                ("seats_taken", fields.IntField(default=0)),
                ("seats_held", fields.IntField(default=0)),
                ("waiting", fields.IntField(default=0)),
                ("last_number", fields.IntField(default=0)),
                ("party_most", fields.SmallIntField(default=1)),
                ("age_least", fields.SmallIntField(null=True)),
                ("age_most", fields.SmallIntField(null=True)),
                (
                    "questions",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                (
                    "rule",
                    fields.ForeignKeyField(
                        "models.EarningRule",
                        source_field="rule_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("check_in_secret", ExactTextField(max_length=64)),
                (
                    "created_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="created_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "published_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="published_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("published_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("end_reason", ExactTextField(default="", max_length=200)),
                ("reminded_day_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reminded_hours_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "activity",
                "app": "models",
                "indexes": [
                    Index(fields=["listed", "starts_at", "id", "ends_at"], name="activity_browsed"),
                    Index(
                        fields=["county_id", "listed", "starts_at", "id", "ends_at"], name="activity_browsed_by_county"
                    ),
                    Index(fields=["town_id", "listed", "starts_at", "id", "ends_at"], name="activity_browsed_by_town"),
                    Index(fields=["area_id", "listed", "starts_at", "id", "ends_at"], name="activity_browsed_by_area"),
                    Index(
                        fields=["category_id", "listed", "starts_at", "id", "ends_at"],
                        name="activity_browsed_by_category",
                    ),
                    Index(
                        fields=["station_id", "listed", "starts_at", "id", "ends_at"],
                        name="activity_browsed_by_station",
                    ),
                    Index(fields=["station_id", "starts_at", "id"]),
                    Index(fields=["starts_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "An activity with its seats: booked (`seats_taken`), really held for who was offered one, or free.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ActivityArea",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "activity",
                    fields.ForeignKeyField(
                        "models.Activity",
                        source_field="activity_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="for_areas",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "area",
                    fields.ForeignKeyField(
                        "models.Area",
                        source_field="area_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "activity_area",
                "app": "models",
                "unique_together": (("activity", "area"),),
                "pk_attr": "id",
                "table_description": "An area whose residents an activity is for. Without any it is for everybody.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ActivityRating",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "activity",
                    fields.ForeignKeyField(
                        "models.Activity",
                        source_field="activity_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="ratings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="activity_ratings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="station_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="activity_ratings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("stars", fields.SmallIntField()),
                (
                    "tags",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("comment", PersonalField(default="", unique=False)),
                ("rated_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("changed_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "activity_rating",
                "app": "models",
                "unique_together": (("activity", "person"),),
                "indexes": [Index(fields=["station_id", "rated_at"])],
                "pk_attr": "id",
                "table_description": "One rating per person and activity attended, 1 to 5 stars.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "activity",
                    fields.ForeignKeyField(
                        "models.Activity",
                        source_field="activity_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="posts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("title", ExactTextField(max_length=20)),
                ("text", ExactTextField(default="", max_length=200)),
                ("places", fields.IntField()),
                ("taken", fields.IntField(default=0)),
            ],
            options={
                "table": "post",
                "app": "models",
                "unique_together": (("activity", "title"),),
                "pk_attr": "id",
                "table_description": "What volunteers do at an activity (签到, 引导 …) and how many of them.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Booking",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "activity",
                    fields.ForeignKeyField(
                        "models.Activity",
                        source_field="activity_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="bookings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "post",
                    fields.ForeignKeyField(
                        "models.Post",
                        source_field="post_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="bookings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        description="BOOKED: booked\nWAITING: waiting\nOFFERED: offered\nATTENDED: attended\nNO_SHOW: no_show\nCANCELLED: cancelled\nREFUSED: refused\nLAPSED: lapsed\nNOT_REACHED: not_reached",
                        enum_type=BookingStatus,
                        max_length=12,
                    ),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="bookings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "booked_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="booked_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "channel",
                    fields.CharEnumField(
                        description="PHONE_APP: phone_app\nCOUNTER: counter\nTELEPHONE: telephone",
                        enum_type=Channel,
                        max_length=12,
                    ),
                ),
                ("size", fields.SmallIntField()),
                ("number", fields.IntField()),
                ("behind_until", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("answers", PersonalField(default="", unique=False)),
                ("booked_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("seated_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("late", fields.BooleanField(default=False)),
                ("reason", PersonalField(default="", unique=False)),
            ],
            options={
                "table": "booking",
                "app": "models",
                "unique_together": (("activity", "number"),),
                "indexes": [
                    Index(fields=["activity_id", "status", "number", "behind_until", "size"]),
                    Index(fields=["activity_id", "behind_until"]),
                    Index(fields=["person_id", "booked_at", "id"]),
                    Index(fields=["booked_by_id", "booked_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A party's seats at an activity, all or none, a volunteer's place in a post, or their place in line.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Attendee",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "activity",
                    fields.ForeignKeyField(
                        "models.Activity",
                        source_field="activity_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="attendees",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "booking",
                    fields.ForeignKeyField(
                        "models.Booking",
                        source_field="booking_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="attendees",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="attendances",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", PersonalField(default="", unique=False)),
                ("birth_year", fields.SmallIntField(null=True)),
                ("current", fields.SmallIntField(null=True, default=1)),
                ("left_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("checked_in_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "checked_in_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="checked_in_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "check_in_way",
                    fields.CharEnumField(
                        null=True,
                        description="OWN_PHONE: own_phone\nLIST: list\nSCAN: scan",
                        enum_type=CheckInWay,
                        max_length=10,
                    ),
                ),
                ("check_in_step", fields.BigIntField(null=True)),
                ("checked_out_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "checked_out_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="checked_out_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "service_record",
                    fields.OneToOneField(
                        "models.ServiceRecord",
                        source_field="service_record_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="attendee",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "attendee",
                "app": "models",
                "unique_together": (("activity", "person", "current"),),
                "indexes": [
                    Index(fields=["person_id", "id"]),
                    Index(fields=["activity_id", "current", "checked_in_at"]),
                ],
                "pk_attr": "id",
                "table_description": "One seat of a booking and who sits on it: a person, or somebody without a phone by name.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NoShow",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "booking",
                    fields.OneToOneField(
                        "models.Booking",
                        source_field="booking_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="no_show",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="no_shows",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="station_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="no_shows",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "exemption",
                    fields.CharEnumField(
                        null=True,
                        description="AGE: age\nFIRST_TIME: first_time\nUNASKED: unasked\nFORGIVEN: forgiven",
                        enum_type=Exemption,
                        max_length=10,
                    ),
                ),
                ("excuse", PersonalField(default="", unique=False)),
                ("excused_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="decided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("decided_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decision", PersonalField(default="", unique=False)),
            ],
            options={
                "table": "no_show",
                "app": "models",
                "indexes": [Index(fields=["person_id", "at"]), Index(fields=["station_id", "at", "id"])],
                "pk_attr": "id",
                "table_description": "爽约: who had a seat and neither came nor cancelled, with what they say to it and whether it was forgiven.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Offer",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "booking",
                    fields.ForeignKeyField(
                        "models.Booking",
                        source_field="booking_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="offers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "activity",
                    fields.ForeignKeyField(
                        "models.Activity",
                        source_field="activity_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="offers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default=OfferState.OPEN,
                        description="OPEN: open\nACCEPTED: accepted\nREFUSED: refused\nEXPIRED: expired\nWITHDRAWN: withdrawn",
                        enum_type=OfferState,
                        max_length=10,
                    ),
                ),
                ("seats", fields.SmallIntField()),
                ("offered_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("open", fields.SmallIntField(null=True, default=1)),
            ],
            options={
                "table": "offer",
                "app": "models",
                "unique_together": (("booking", "open"),),
                "indexes": [Index(fields=["activity_id", "open", "expires_at"])],
                "pk_attr": "id",
                "table_description": "A freed seat, really held for one booking in line for a limited time. One at a time (`open` is 1, then NULL).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Scan",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "activity",
                    fields.ForeignKeyField(
                        "models.Activity",
                        source_field="activity_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="scans",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("client_id", ExactTextField(max_length=40)),
                (
                    "attendee",
                    fields.ForeignKeyField(
                        "models.Attendee",
                        source_field="attendee_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="scans",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("out", fields.BooleanField(default=False)),
                ("scanned_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("received_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "sent_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="sent_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("outcome", ExactTextField(max_length=24)),
            ],
            options={
                "table": "scan",
                "app": "models",
                "unique_together": (("activity", "client_id"),),
                "pk_attr": "id",
                "table_description": "What a steward's phone saw, sent in later under an id of the phone's own: taken in once.",
            },
            bases=["Model"],
        ),
        AddCheck(
            model_name="ActivitySeries",
            constraint=CheckConstraint(check="every_weeks > 0", name="activity_series_weeks"),
        ),
        AddCheck(model_name="Room", constraint=CheckConstraint(check="people_most > 0", name="room_people")),
        AddCheck(model_name="RoomUse", constraint=CheckConstraint(check="ends_at > starts_at", name="room_use_time")),
        AddCheck(
            model_name="Activity",
            constraint=CheckConstraint(
                check="seats_taken >= 0 AND seats_held >= 0 AND seats_taken + seats_held <= seats",
                name="activity_seats",
            ),
        ),
        AddCheck(
            model_name="Activity",
            constraint=CheckConstraint(
                check="waiting >= 0 AND last_number >= 0 AND party_most > 0", name="activity_line"
            ),
        ),
        AddCheck(
            model_name="Activity",
            constraint=CheckConstraint(
                check="ends_at > starts_at AND booking_closes_at > booking_opens_at AND booking_closes_at <= ends_at AND cancellation_until <= starts_at",
                name="activity_times",
            ),
        ),
        AddCheck(
            model_name="ActivityRating",
            constraint=CheckConstraint(check="stars BETWEEN 1 AND 5", name="activity_rating_stars"),
        ),
        AddCheck(
            model_name="Post", constraint=CheckConstraint(check="taken >= 0 AND taken <= places", name="post_places")
        ),
        AddCheck(
            model_name="Booking", constraint=CheckConstraint(check="size > 0 AND number > 0", name="booking_size")
        ),
        AddCheck(
            model_name="Attendee",
            constraint=CheckConstraint(
                check="checked_out_at IS NULL OR checked_out_at >= checked_in_at", name="attendee_in_and_out"
            ),
        ),
        AddCheck(
            model_name="Offer",
            constraint=CheckConstraint(check="seats > 0 AND expires_at > offered_at", name="offer_time"),
        ),
    ]
