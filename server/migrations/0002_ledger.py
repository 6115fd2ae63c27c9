from tortoise import migrations
from server.database.schema import AddCheck
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
from server.models.ledger import HoldState, TransferKind
from server.models.points import EarningStatus, RuleKind
from server.models.service_records import RecordSource, RecordStatus
from server.models.supermarket import OrderStatus
from server.models.tasks import Payer, TaskStatus
from server.models.volunteers import VolunteerStatus
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Account",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("owner", ExactTextField(max_length=40)),
                ("unit", ExactTextField(max_length=24)),
                ("may_overdraw", fields.BooleanField(default=False)),
                ("balance", fields.BigIntField(default=0)),
                ("held", fields.BigIntField(default=0)),
                ("entry_count", fields.IntField(default=0)),
                ("chain", ExactTextField(default="", max_length=32)),
            ],
            options={
                "table": "account",
                "app": "models",
                "unique_together": (("owner", "unit"),),
                "pk_attr": "id",
                "table_description": "What one owner has of one unit. Written by server/domain/ledger alone, equal to the sum of its entries.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("code", ExactTextField(unique=True, max_length=16)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="certificates",
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
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", PersonalField(unique=False)),
                ("served_minutes", fields.BigIntField()),
                ("records", fields.IntField()),
                ("stars", fields.SmallIntField()),
                ("first_day", fields.DateField()),
                ("last_day", fields.DateField()),
                ("issued_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("revoked_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "certificate",
                "app": "models",
                "indexes": [Index(fields=["person_id", "issued_at"])],
                "pk_attr": "id",
                "table_description": "志愿服务证明: what a volunteer had served on a day, verifiable by its code without signing in.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EarningRule",
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
                        related_name="earning_rules",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="HOUR: hour\nACTIVITY: activity\nDEED: deed", enum_type=RuleKind, max_length=8
                    ),
                ),
                ("title", ExactTextField(max_length=40)),
                ("points", fields.IntField()),
                ("daily_cap", fields.IntField()),
                ("monthly_cap", fields.IntField()),
                ("public_notice", fields.BooleanField(default=False)),
                ("active", fields.BooleanField(default=True)),
                (
                    "written_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="written_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("written_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "earning_rule",
                "app": "models",
                "unique_together": (("station", "kind", "title"),),
                "pk_attr": "id",
                "table_description": "What a station gives points for, kept by its head, with caps a person, a day and a month.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Good",
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
                        related_name="goods",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", ExactTextField(max_length=40)),
                ("text", ExactTextField(default="", max_length=500)),
                ("points_price", fields.IntField()),
                ("use_by", fields.DateField(null=True)),
                ("person_month_limit", fields.IntField(null=True)),
                ("household_month_limit", fields.IntField(null=True)),
                ("low_stock_pieces", fields.IntField(default=0)),
                ("active", fields.BooleanField(default=True)),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("low_stock_told_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("near_use_by_told_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "good",
                "app": "models",
                "unique_together": (("station", "name", "use_by"),),
                "indexes": [Index(fields=["station_id", "created_at", "id"]), Index(fields=["created_at", "id"])],
                "pk_attr": "id",
                "table_description": "Something a station has to give for points. How many pieces there are is the ledger's to say.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Donation",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "good",
                    fields.ForeignKeyField(
                        "models.Good",
                        source_field="good_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="donations",
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
                        related_name="donations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("pieces", fields.IntField()),
                ("donor", PersonalField(default="", unique=False)),
                ("anonymous", fields.BooleanField(default=False)),
                (
                    "received_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="received_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("received_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("reversed_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "donation",
                "app": "models",
                "indexes": [Index(fields=["station_id", "received_at", "id"])],
                "pk_attr": "id",
                "table_description": "Pieces somebody gave or a station bought (链接社会资源), thanked in public, by name or anonymously.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("cause", ExactTextField(unique=True, max_length=64)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="holds",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("amount", fields.BigIntField()),
                ("captured", fields.BigIntField(default=0)),
                (
                    "state",
                    fields.CharEnumField(
                        default=HoldState.OPEN,
                        description="OPEN: open\nCAPTURED: captured\nRELEASED: released\nEXPIRED: expired",
                        enum_type=HoldState,
                        max_length=8,
                    ),
                ),
                ("placed_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("resolved_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "hold",
                "app": "models",
                "indexes": [Index(fields=["account_id", "state"])],
                "pk_attr": "id",
                "table_description": "An amount that cannot be spent otherwise until it is captured, whole or in part, released, or has expired.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Household",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "household",
                "app": "models",
                "pk_attr": "id",
                "table_description": "People who live together.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HouseholdInvitation",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "household",
                    fields.ForeignKeyField(
                        "models.Household",
                        source_field="household_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="invitations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("code_hash", ExactTextField(unique=True, max_length=64)),
                (
                    "invited_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="invited_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("invited_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "household_invitation",
                "app": "models",
                "indexes": [Index(fields=["household_id", "expires_at"])],
                "pk_attr": "id",
                "table_description": "A code a member gave to somebody who may join, good once. Only the code's hash is kept.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HouseholdMember",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "household",
                    fields.ForeignKeyField(
                        "models.Household",
                        source_field="household_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="members",
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
                        related_name="memberships",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("joined_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "entered_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="entered_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("left_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("current", fields.SmallIntField(null=True, default=1)),
            ],
            options={
                "table": "household_member",
                "app": "models",
                "unique_together": (("person", "current"),),
                "indexes": [Index(fields=["household_id", "current"])],
                "pk_attr": "id",
                "table_description": "Who belongs to a household from when until when, a person is in one at a time (`current` is 1, then NULL).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MinutesOffer",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "need",
                    fields.OneToOneField(
                        "models.Need",
                        source_field="need_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="minutes_offer",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "payer",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="payer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("minutes", fields.IntField()),
                ("offered_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "minutes_offer",
                "app": "models",
                "pk_attr": "id",
                "table_description": "What somebody on the resident's side will give, in minutes, for help with a need.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        description="PLACED: placed\nREADY: ready\nHANDED_OVER: handed_over\nCANCELLED: cancelled\nEXPIRED: expired",
                        enum_type=OrderStatus,
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
                        related_name="orders",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "household",
                    fields.ForeignKeyField(
                        "models.Household",
                        source_field="household_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="orders",
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
                        related_name="orders",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("points", fields.IntField()),
                (
                    "hold",
                    fields.OneToOneField(
                        "models.Hold",
                        source_field="hold_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="order",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("pickup_code", ExactTextField(max_length=8)),
                ("placed_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("ready_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("expires_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "handed_over_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="handed_over_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "fetched_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="fetched_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reason", ExactTextField(default="", max_length=200)),
                ("open", fields.SmallIntField(null=True, default=1)),
            ],
            options={
                "table": "supermarket_order",
                "app": "models",
                "unique_together": (("station", "pickup_code", "open"),),
                "indexes": [
                    Index(fields=["person_id", "placed_at", "id"]),
                    Index(fields=["household_id", "placed_at"]),
                    Index(fields=["station_id", "status", "placed_at", "id"]),
                    Index(fields=["station_id", "placed_at", "id"]),
                    Index(fields=["placed_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "Goods of one station somebody redeems points for. `open` is 1 until it ends, so that its code is the only one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OrderLine",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "order",
                    fields.ForeignKeyField(
                        "models.Order",
                        source_field="order_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "good",
                    fields.ForeignKeyField(
                        "models.Good",
                        source_field="good_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="order_lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("pieces", fields.IntField()),
                ("points_price", fields.IntField()),
                (
                    "hold",
                    fields.OneToOneField(
                        "models.Hold",
                        source_field="hold_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="order_line",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "order_line",
                "app": "models",
                "unique_together": (("order", "good"),),
                "pk_attr": "id",
                "table_description": "So many pieces of one good, at the price they had.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PublicNotice",
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
                        related_name="public_notices",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("title", ExactTextField(max_length=60)),
                (
                    "published_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="published_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("published_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "public_notice",
                "app": "models",
                "indexes": [Index(fields=["station_id", "published_at", "id"])],
                "pk_attr": "id",
                "table_description": "公示: a station's list of earned points, shown with masked names until a day, objections freeze lines.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Earning",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("cause", ExactTextField(unique=True, max_length=64)),
                (
                    "status",
                    fields.CharEnumField(
                        description="CLAIMED: claimed\nWAITING: waiting\nLISTED: listed\nFROZEN: frozen\nGRANTED: granted\nREFUSED: refused\nREVERSED: reversed",
                        enum_type=EarningStatus,
                        max_length=8,
                    ),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="earnings",
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
                        related_name="earnings",
                        on_delete=OnDelete.RESTRICT,
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
                        related_name="earnings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="HOUR: hour\nACTIVITY: activity\nDEED: deed", enum_type=RuleKind, max_length=8
                    ),
                ),
                ("text", PersonalField(default="", unique=False)),
                ("points", fields.IntField()),
                ("day", fields.DateField()),
                (
                    "claimed_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="claimed_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("claimed_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
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
                (
                    "public_notice",
                    fields.ForeignKeyField(
                        "models.PublicNotice",
                        source_field="public_notice_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "earning",
                "app": "models",
                "indexes": [
                    Index(fields=["person_id", "day"]),
                    Index(fields=["station_id", "status", "claimed_at", "id"]),
                    Index(fields=["status", "claimed_at", "id"]),
                    Index(fields=["public_notice_id", "status"]),
                ],
                "pk_attr": "id",
                "table_description": "Points somebody earned by a rule, from the claim to the ledger.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Objection",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "earning",
                    fields.ForeignKeyField(
                        "models.Earning",
                        source_field="earning_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="objections",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reason", PersonalField(unique=False)),
                (
                    "made_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="made_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("made_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
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
                ("upheld", fields.BooleanField(null=True)),
                ("decision", PersonalField(default="", unique=False)),
            ],
            options={
                "table": "objection",
                "app": "models",
                "unique_together": (("earning", "made_by"),),
                "indexes": [Index(fields=["decided_at", "made_at", "id"])],
                "pk_attr": "id",
                "table_description": "Somebody objects to a line of a public notice, decided by staff who have no part in it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StockTaking",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "good",
                    fields.ForeignKeyField(
                        "models.Good",
                        source_field="good_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="stock_takings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("counted_pieces", fields.IntField()),
                ("expected_pieces", fields.IntField()),
                ("reason", ExactTextField(max_length=200)),
                (
                    "counted_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="counted_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("counted_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "stock_taking",
                "app": "models",
                "indexes": [Index(fields=["good_id", "counted_at"])],
                "pk_attr": "id",
                "table_description": "盘点: what a count found, and the difference it posted.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        description="PUBLISHED: published\nCLAIMED: claimed\nCONFIRMED: confirmed\nSTARTED: started\nFINISHED: finished\nDISPUTED: disputed\nAPPROVED: approved\nCANCELLED: cancelled\nNO_SHOW: no_show",
                        enum_type=TaskStatus,
                        max_length=10,
                    ),
                ),
                (
                    "station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="station_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="tasks",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "need",
                    fields.ForeignKeyField(
                        "models.Need",
                        source_field="need_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="tasks",
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
                ("title", ExactTextField(max_length=60)),
                ("text", ExactTextField(max_length=1000)),
                ("place", PersonalField(default="", unique=False)),
                ("starts_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("weekday", fields.SmallIntField()),
                ("from_minute", fields.SmallIntField()),
                ("until_minute", fields.SmallIntField()),
                ("expected_minutes", fields.IntField()),
                (
                    "payer",
                    fields.CharEnumField(
                        default=Payer.NOBODY,
                        description="NOBODY: nobody\nBENEFICIARY: beneficiary\nPOOL: pool",
                        enum_type=Payer,
                        max_length=12,
                    ),
                ),
                (
                    "hold",
                    fields.OneToOneField(
                        "models.Hold",
                        source_field="hold_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="task",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "published_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="published_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("published_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "volunteer",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="volunteer_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="tasks",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("claimed_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "confirmed_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="confirmed_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("confirmed_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("started_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("finished_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("open", fields.SmallIntField(null=True, default=1)),
                ("event_count", fields.SmallIntField(default=0)),
            ],
            options={
                "table": "task",
                "app": "models",
                "unique_together": (("need", "open"),),
                "indexes": [
                    Index(fields=["status", "area_id", "starts_at", "id"]),
                    Index(fields=["station_id", "status", "starts_at", "id"]),
                    Index(fields=["station_id", "starts_at", "id"]),
                    Index(fields=["starts_at", "id"]),
                    Index(fields=["volunteer_id", "starts_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A need, or a station's own wish, as volunteers see it. One at a time for a need (`open` is 1, then NULL).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "task",
                    fields.OneToOneField(
                        "models.Task",
                        source_field="task_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="dispute",
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
                        related_name="disputes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "raised_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="raised_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("raised_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("beneficiary_words", PersonalField(default="", unique=False)),
                ("volunteer_words", PersonalField(default="", unique=False)),
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
                ("minutes", fields.IntField(null=True)),
                ("appeal", PersonalField(default="", unique=False)),
                (
                    "appealed_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="appealed_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("appealed_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("settled_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "dispute",
                "app": "models",
                "indexes": [Index(fields=["station_id", "settled_at"])],
                "pk_attr": "id",
                "table_description": "Two sides who do not agree on a task, decided by the station with both sides' words, once more by the head's.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ServiceRecord",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        description="CLAIMED: claimed\nCONFIRMED: confirmed\nREVIEWED: reviewed\nAPPROVED: approved\nDECLINED: declined\nREVERSED: reversed",
                        enum_type=RecordStatus,
                        max_length=10,
                    ),
                ),
                (
                    "source",
                    fields.CharEnumField(
                        description="TASK: task\nACTIVITY: activity\nCLAIM: claim", enum_type=RecordSource, max_length=8
                    ),
                ),
                (
                    "volunteer",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="volunteer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="service_records",
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
                        related_name="service_records",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "task",
                    fields.OneToOneField(
                        "models.Task",
                        source_field="task_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="service_record",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("text", PersonalField(default="", unique=False)),
                ("started_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("minutes", fields.IntField()),
                ("verified", fields.BooleanField()),
                ("claimed_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "confirmed_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="confirmed_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("confirmed_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "reviewed_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="reviewed_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reviewed_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "approved_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="approved_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("approved_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("exception_reason", PersonalField(default="", unique=False)),
                ("spendable_minutes", fields.IntField(default=0)),
                ("decision", PersonalField(default="", unique=False)),
                ("counts", fields.SmallIntField(null=True, default=1)),
            ],
            options={
                "table": "service_record",
                "app": "models",
                "unique_together": (("volunteer", "started_at", "counts"),),
                "indexes": [
                    Index(fields=["volunteer_id", "claimed_at", "id"]),
                    Index(fields=["volunteer_id", "status", "ended_at"]),
                    Index(fields=["station_id", "status", "claimed_at", "id"]),
                    Index(fields=["station_id", "status", "approved_at"]),
                    Index(fields=["status", "claimed_at", "id"]),
                    Index(fields=["status", "ended_at"]),
                ],
                "pk_attr": "id",
                "table_description": "Time served, from when to when. Verified: checked in and out, or confirmed by whom it helped.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TaskEvent",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "task",
                    fields.ForeignKeyField(
                        "models.Task",
                        source_field="task_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="events",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("number", fields.SmallIntField()),
                ("at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("kind", ExactTextField(max_length=24)),
                (
                    "actor",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="actor_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "from_status",
                    fields.CharEnumField(
                        null=True,
                        description="PUBLISHED: published\nCLAIMED: claimed\nCONFIRMED: confirmed\nSTARTED: started\nFINISHED: finished\nDISPUTED: disputed\nAPPROVED: approved\nCANCELLED: cancelled\nNO_SHOW: no_show",
                        enum_type=TaskStatus,
                        max_length=10,
                    ),
                ),
                (
                    "to_status",
                    fields.CharEnumField(
                        null=True,
                        description="PUBLISHED: published\nCLAIMED: claimed\nCONFIRMED: confirmed\nSTARTED: started\nFINISHED: finished\nDISPUTED: disputed\nAPPROVED: approved\nCANCELLED: cancelled\nNO_SHOW: no_show",
                        enum_type=TaskStatus,
                        max_length=10,
                    ),
                ),
                ("note", PersonalField(default="", unique=False)),
            ],
            options={
                "table": "task_event",
                "app": "models",
                "unique_together": (("task", "number"),),
                "pk_attr": "id",
                "table_description": "One line of a task's own timeline: added, never changed, numbered without a gap.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Team",
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
                        related_name="teams",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", ExactTextField(max_length=40)),
                ("about", ExactTextField(default="", max_length=200)),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "team",
                "app": "models",
                "unique_together": (("station", "name"),),
                "pk_attr": "id",
                "table_description": "A station's team of volunteers (plan rule 33).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Transfer",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("cause", ExactTextField(unique=True, max_length=64)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="SERVICE: service\nGIFT: gift\nDONATION: donation\nHELP_PAID: help_paid\nPOOL_PAID: pool_paid\nPOINTS_SERVICE: points_service\nPOINTS_ACTIVITY: points_activity\nPOINTS_DEED: points_deed\nREDEEMED: redeemed\nEXPIRED: expired\nDONATED: donated\nHANDED_OVER: handed_over\nCOUNTED: counted\nREVERSAL: reversal",
                        enum_type=TransferKind,
                        max_length=16,
                    ),
                ),
                ("amount", fields.BigIntField()),
                (
                    "source",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="source_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "target",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="target_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("note", ExactTextField(default="", max_length=100)),
                (
                    "reverses",
                    fields.OneToOneField(
                        "models.Transfer",
                        source_field="reverses_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reversal",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "hold",
                    fields.OneToOneField(
                        "models.Hold",
                        source_field="hold_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="transfer",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "transfer",
                "app": "models",
                "pk_attr": "id",
                "table_description": "An amount moved from one account to another, once, for one cause. Added, never changed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Entry",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("number", fields.IntField()),
                (
                    "transfer",
                    fields.ForeignKeyField(
                        "models.Transfer",
                        source_field="transfer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="entries",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("amount", fields.BigIntField()),
                ("balance", fields.BigIntField()),
                ("at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("chain", ExactTextField(max_length=32)),
            ],
            options={
                "table": "entry",
                "app": "models",
                "unique_together": (("account", "number"),),
                "indexes": [Index(fields=["transfer_id"])],
                "pk_attr": "id",
                "table_description": "One side of a transfer in one account, numbered without a gap, with the balance it left and a chained hash.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Volunteer",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "person",
                    fields.OneToOneField(
                        "models.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="volunteer",
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
                        related_name="volunteers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        description="APPLIED: applied\nAPPROVED: approved\nDECLINED: declined\nBANNED: banned\nLEFT: left",
                        enum_type=VolunteerStatus,
                        max_length=10,
                    ),
                ),
                ("about", PersonalField(default="", unique=False)),
                (
                    "skills",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                (
                    "free_times",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("ranked", fields.BooleanField(default=False)),
                ("served_minutes", fields.BigIntField(default=0)),
                ("applied_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
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
                "table": "volunteer",
                "app": "models",
                "indexes": [
                    Index(fields=["station_id", "status", "applied_at", "id"]),
                    Index(fields=["applied_at", "id"]),
                    Index(fields=["ranked", "served_minutes"]),
                ],
                "pk_attr": "id",
                "table_description": "A resident's application to volunteer and what became of it, one row a person.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Ban",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "volunteer",
                    fields.ForeignKeyField(
                        "models.Volunteer",
                        source_field="volunteer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="bans",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reason", PersonalField(unique=False)),
                (
                    "banned_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="banned_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("banned_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("appeal", PersonalField(default="", unique=False)),
                ("appealed_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "appeal_station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="appeal_station_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
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
                ("lifted_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("open", fields.SmallIntField(null=True, default=1)),
            ],
            options={
                "table": "ban",
                "app": "models",
                "unique_together": (("volunteer", "open"),),
                "indexes": [Index(fields=["appeal_station_id", "decided_at"])],
                "pk_attr": "id",
                "table_description": "A volunteer kept from serving, with a reason, they may appeal once, to the head station. `open` until lifted.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TeamMember",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "team",
                    fields.ForeignKeyField(
                        "models.Team",
                        source_field="team_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="members",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "volunteer",
                    fields.ForeignKeyField(
                        "models.Volunteer",
                        source_field="volunteer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="team_memberships",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("leads", fields.BooleanField(default=False)),
                ("joined_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("left_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("current", fields.SmallIntField(null=True, default=1)),
            ],
            options={
                "table": "team_member",
                "app": "models",
                "unique_together": (("team", "volunteer", "current"),),
                "pk_attr": "id",
                "table_description": "A volunteer's time in a team, `current` is 1, then NULL.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Training",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "volunteer",
                    fields.ForeignKeyField(
                        "models.Volunteer",
                        source_field="volunteer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="trainings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("title", ExactTextField(max_length=60)),
                ("day", fields.DateField()),
                ("training_minutes", fields.IntField()),
                (
                    "recorded_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="recorded_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("recorded_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "training",
                "app": "models",
                "unique_together": (("volunteer", "title", "day"),),
                "pk_attr": "id",
                "table_description": "What a volunteer was trained in.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Photo",
            name="thing",
            field=ExactTextField(null=True, max_length=40),
        ),
        ops.AddIndex(
            model_name="Photo",
            index=Index(fields=["thing"]),
        ),
        AddCheck(
            model_name="Account",
            constraint=CheckConstraint(check="held >= 0 AND (may_overdraw OR balance >= held)", name="account_floor"),
        ),
        AddCheck(
            model_name="Certificate",
            constraint=CheckConstraint(check="served_minutes > 0 AND records > 0 AND stars >= 0", name="certified"),
        ),
        AddCheck(
            model_name="EarningRule",
            constraint=CheckConstraint(
                check="points > 0 AND daily_cap >= points AND monthly_cap >= daily_cap", name="earning_rule_caps"
            ),
        ),
        AddCheck(
            model_name="Good",
            constraint=CheckConstraint(
                check="points_price > 0 AND low_stock_pieces >= 0 AND (person_month_limit IS NULL OR person_month_limit > 0) AND (household_month_limit IS NULL OR household_month_limit > 0)",
                name="good_numbers",
            ),
        ),
        AddCheck(model_name="Donation", constraint=CheckConstraint(check="pieces > 0", name="donation_pieces")),
        AddCheck(
            model_name="Hold",
            constraint=CheckConstraint(
                check="amount > 0 AND captured >= 0 AND captured <= amount", name="hold_amounts"
            ),
        ),
        AddCheck(model_name="MinutesOffer", constraint=CheckConstraint(check="minutes > 0", name="minutes_offered")),
        AddCheck(model_name="Order", constraint=CheckConstraint(check="points > 0", name="order_points")),
        AddCheck(
            model_name="OrderLine",
            constraint=CheckConstraint(check="pieces > 0 AND points_price > 0", name="order_line_numbers"),
        ),
        AddCheck(model_name="Earning", constraint=CheckConstraint(check="points >= 0", name="earning_points")),
        AddCheck(
            model_name="StockTaking",
            constraint=CheckConstraint(check="counted_pieces >= 0", name="stock_taking_pieces"),
        ),
        AddCheck(
            model_name="Task",
            constraint=CheckConstraint(check="ends_at > starts_at AND expected_minutes > 0", name="task_time"),
        ),
        AddCheck(model_name="Task", constraint=CheckConstraint(check="event_count >= 0", name="task_events")),
        AddCheck(model_name="Dispute", constraint=CheckConstraint(check="minutes >= 0", name="dispute_minutes")),
        AddCheck(
            model_name="ServiceRecord",
            constraint=CheckConstraint(check="ended_at > started_at AND minutes >= 0", name="service_record_time"),
        ),
        AddCheck(
            model_name="ServiceRecord",
            constraint=CheckConstraint(
                check="spendable_minutes >= 0 AND spendable_minutes <= minutes", name="service_record_minutes"
            ),
        ),
        AddCheck(
            model_name="ServiceRecord",
            constraint=CheckConstraint(
                check="approved_by_id IS NULL OR approved_by_id <> volunteer_id", name="service_record_four_eyes"
            ),
        ),
        AddCheck(model_name="TaskEvent", constraint=CheckConstraint(check="number > 0", name="task_event_number")),
        AddCheck(
            model_name="Transfer",
            constraint=CheckConstraint(check="amount > 0 AND source_id <> target_id", name="transfer_moves"),
        ),
        AddCheck(
            model_name="Entry", constraint=CheckConstraint(check="amount <> 0 AND number > 0", name="entry_moves")
        ),
        AddCheck(
            model_name="Volunteer", constraint=CheckConstraint(check="served_minutes >= 0", name="volunteer_served")
        ),
        AddCheck(model_name="Training", constraint=CheckConstraint(check="training_minutes > 0", name="training_time")),
    ]
