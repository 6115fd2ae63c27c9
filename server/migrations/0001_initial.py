from tortoise import migrations
from server.database.schema import AddCheck
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from server.models.areas import AreaLevel, AreaNameKind, EditionStatus
from server.models.categories import PromiseUnit, Urgency
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
from server.models.needs import Channel, NeedStatus
from server.models.notifications import SubjectKind
from server.models.people import RoleKind
from server.models.satisfaction import CallBackReason
from server.models.stations import StationLevel, StationOrigin, StationStatus
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Area",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "level",
                    fields.CharEnumField(
                        description="PROVINCE: province\nCITY: city\nCOUNTY: county\nTOWN: town\nCOMMUNITY: community",
                        enum_type=AreaLevel,
                        max_length=10,
                    ),
                ),
                ("name", ExactTextField(max_length=100)),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "models.Area",
                        source_field="parent_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="children",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("ancestry", ExactTextField(max_length=64)),
                ("valid_from", fields.DateField()),
                ("valid_until", fields.DateField(null=True)),
            ],
            options={
                "table": "area",
                "app": "models",
                "indexes": [Index(fields=["name"]), Index(fields=["parent_id", "name"])],
                "pk_attr": "id",
                "table_description": "One area, whatever codes authorities give it. `ancestry` is the path of its ancestors' ids: `/1/2/9/`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AreaCode",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "area",
                    fields.ForeignKeyField(
                        "models.Area",
                        source_field="area_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="codes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("code_system", ExactTextField(max_length=10)),
                ("code", ExactTextField(max_length=12)),
                ("valid_from", fields.DateField()),
                ("valid_until", fields.DateField(null=True)),
                ("current", fields.SmallIntField(null=True, default=1)),
            ],
            options={
                "table": "area_code",
                "app": "models",
                "unique_together": (("code_system", "code", "current"),),
                "pk_attr": "id",
                "table_description": "A code an authority gives an area, from one day until (not including) another.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AreaName",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "area",
                    fields.ForeignKeyField(
                        "models.Area",
                        source_field="area_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="other_names",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", ExactTextField(max_length=100)),
                (
                    "kind",
                    fields.CharEnumField(description="OLD: old\nALIAS: alias", enum_type=AreaNameKind, max_length=5),
                ),
                ("valid_until", fields.DateField(null=True)),
            ],
            options={
                "table": "area_name",
                "app": "models",
                "unique_together": (("area", "name"),),
                "indexes": [Index(fields=["name"])],
                "pk_attr": "id",
                "table_description": "What people call an area besides its name: the name it had, or another they use.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CalendarDay",
            fields=[
                ("day", fields.DateField(primary_key=True, unique=True, db_index=True)),
                ("working", fields.BooleanField()),
            ],
            options={
                "table": "calendar_day",
                "app": "models",
                "pk_attr": "day",
                "table_description": "A day the city entered by hand: the national calendar before the library knows it, or a local exception.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Category",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("code", ExactTextField(unique=True, max_length=40)),
                ("name", ExactTextField(max_length=40)),
                ("confidential", fields.BooleanField(default=False)),
                ("active", fields.BooleanField(default=True)),
                ("position", fields.SmallIntField(default=0)),
            ],
            options={
                "table": "category",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A kind of need: plan rules 16 and 17, extensible. The code `not_sure` is everybody's.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", ExactTextField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("request_hash", ExactTextField(max_length=64)),
                ("status", fields.SmallIntField(null=True)),
                ("answer", PersonalField(null=True, unique=False)),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "idempotency_key",
                "app": "models",
                "indexes": [Index(fields=["created_at"])],
                "pk_attr": "id",
                "table_description": "The answer to a request that changed something, kept with the change so that a repeat gets the same one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Job",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", ExactTextField(max_length=40)),
                ("subject", ExactTextField(max_length=40)),
                ("due_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("leased_until", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("lease", ExactTextField(default="", max_length=32)),
                ("attempts", fields.SmallIntField(default=0)),
                ("state", ExactTextField(default="waiting", max_length=8)),
                ("trouble", ExactTextField(default="", max_length=300)),
                ("done_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "job",
                "app": "models",
                "unique_together": (("kind", "subject"),),
                "indexes": [Index(fields=["state", "due_at"])],
                "pk_attr": "id",
                "table_description": "Work due at a time, claimed by compare-and-set on the lease, and parked in sight of an operator when it fails.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                ("openid", ExactTextField(null=True, unique=True, max_length=64)),
                ("name", PersonalField(null=True, unique=False)),
                ("phone", PersonalField(null=True, unique=False)),
                ("birth_year", fields.SmallIntField(null=True)),
                (
                    "home",
                    fields.ForeignKeyField(
                        "models.Area",
                        source_field="home_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="residents",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "created_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="created_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="entered",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("disabled_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "person",
                "app": "models",
                "pk_attr": "id",
                "table_description": "One row a person, whatever roles they hold, without `openid` when staff entered them at the counter.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AreaEdition",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", ExactTextField(max_length=100)),
                ("code_system", ExactTextField(max_length=10)),
                ("valid_from", fields.DateField()),
                ("covers", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                (
                    "status",
                    fields.CharEnumField(
                        default=EditionStatus.PROPOSED,
                        description="PROPOSED: proposed\nAPPLIED: applied\nDISCARDED: discarded",
                        enum_type=EditionStatus,
                        max_length=9,
                    ),
                ),
                (
                    "counts",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                (
                    "undecided",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("follows", fields.IntField()),
                ("application", fields.IntField(null=True, unique=True)),
                (
                    "proposed_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="proposed_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="area_editions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("proposed_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="decided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="decided_area_editions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("decided_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "area_edition",
                "app": "models",
                "pk_attr": "id",
                "table_description": "An authority's list of areas and what it would change, or did.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AreaEditionHeir",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "edition",
                    fields.ForeignKeyField(
                        "models.AreaEdition",
                        source_field="edition_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="heirs",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("area_id", fields.IntField()),
                ("number", fields.IntField()),
            ],
            options={
                "table": "area_edition_heir",
                "app": "models",
                "unique_together": (("edition", "area_id", "number"),),
                "pk_attr": "id",
                "table_description": "An area of ours ends with this edition, and the area of row `number` takes over from it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AreaEditionRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "edition",
                    fields.ForeignKeyField(
                        "models.AreaEdition",
                        source_field="edition_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="rows",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("number", fields.IntField()),
                ("line", fields.IntField()),
                (
                    "level",
                    fields.CharEnumField(
                        description="PROVINCE: province\nCITY: city\nCOUNTY: county\nTOWN: town\nCOMMUNITY: community",
                        enum_type=AreaLevel,
                        max_length=10,
                    ),
                ),
                ("code", ExactTextField(max_length=12)),
                ("name", ExactTextField(max_length=100)),
                ("parent_number", fields.IntField(null=True)),
                ("parent_area_id", fields.IntField(null=True)),
                ("predecessors", ExactTextField(null=True, max_length=500)),
                ("aliases", ExactTextField(null=True, max_length=500)),
                ("area_id", fields.IntField(null=True)),
                ("changes", ExactTextField(max_length=30)),
                ("before_name", ExactTextField(null=True, max_length=100)),
                ("before_code", ExactTextField(null=True, max_length=12)),
                ("before_parent_id", fields.IntField(null=True)),
            ],
            options={
                "table": "area_edition_row",
                "app": "models",
                "unique_together": (("edition", "number"), ("edition", "area_id")),
                "pk_attr": "id",
                "table_description": "A line of an edition, or an area the edition touches without listing it (`line` 0).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AreaSuccessor",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "area",
                    fields.ForeignKeyField(
                        "models.Area",
                        source_field="area_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="heirs",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "successor",
                    fields.ForeignKeyField(
                        "models.Area",
                        source_field="successor_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="inherits",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "edition",
                    fields.ForeignKeyField(
                        "models.AreaEdition",
                        source_field="edition_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="successors",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "area_successor",
                "app": "models",
                "unique_together": (("area", "successor"),),
                "pk_attr": "id",
                "table_description": "Which area took over from one that ended: one after a merger, several after a split.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="audit_entries",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("action", ExactTextField(max_length=40)),
                ("subject", ExactTextField(max_length=40)),
                (
                    "facts",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
            ],
            options={
                "table": "audit_entry",
                "app": "models",
                "indexes": [Index(fields=["subject", "id"])],
                "pk_attr": "id",
                "table_description": "Who changed what and why: added, never changed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="notices",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("template", ExactTextField(max_length=40)),
                ("title", ExactTextField(max_length=60)),
                ("body", ExactTextField(max_length=500)),
                (
                    "subject_kind",
                    fields.CharEnumField(
                        description="ACTIVITY: activity\nBAN: ban\nBOOKING: booking\nCALL_BACK: call_back\nEARNING: earning\nHOUSEHOLD: household\nNEED: need\nOBJECTION: objection\nOFFER: offer\nORDER: order\nPUBLIC_NOTICE: public_notice\nSERVICE_RECORD: service_record\nSTATION: station\nTASK: task\nTEAM: team\nVOLUNTEER: volunteer",
                        enum_type=SubjectKind,
                        max_length=14,
                        null=True,
                    ),
                ),
                ("subject_id", fields.BigIntField(null=True)),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("read_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notice",
                "app": "models",
                "indexes": [Index(fields=["person_id", "created_at", "id"])],
                "pk_attr": "id",
                "table_description": "A line of a person's inbox. It points at its subject and never carries personal details.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Policy",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", ExactTextField(max_length=40)),
                ("scope", ExactTextField(max_length=24)),
                ("value", fields.IntField()),
                ("source", ExactTextField(max_length=200)),
            ],
            options={
                "table": "policy",
                "app": "models",
                "unique_together": (("name", "scope"),),
                "pk_attr": "id",
                "table_description": "A number an officer changed from its default, for the city, a county or a station. `source` says why.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Reading",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "reader",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="reader_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="readings",
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
                        related_name="read_by",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("subject", ExactTextField(max_length=40)),
                ("what", ExactTextField(max_length=20)),
                ("reason", PersonalField(default="", unique=False)),
            ],
            options={
                "table": "reading",
                "app": "models",
                "indexes": [Index(fields=["person_id", "at"])],
                "pk_attr": "id",
                "table_description": "Somebody read personal details that lists do not show: who, whose, why.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ServicePromise",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "category",
                    fields.ForeignKeyField(
                        "models.Category",
                        source_field="category_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="promises",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "urgency",
                    fields.CharEnumField(
                        description="NORMAL: normal\nURGENT: urgent\nEMERGENCY: emergency",
                        enum_type=Urgency,
                        max_length=10,
                    ),
                ),
                ("response_amount", fields.SmallIntField()),
                (
                    "response_unit",
                    fields.CharEnumField(
                        description="MINUTES: minutes\nWORKING_HOURS: working_hours\nWORKING_DAYS: working_days",
                        enum_type=PromiseUnit,
                        max_length=13,
                    ),
                ),
                ("completion_amount", fields.SmallIntField()),
                (
                    "completion_unit",
                    fields.CharEnumField(
                        description="MINUTES: minutes\nWORKING_HOURS: working_hours\nWORKING_DAYS: working_days",
                        enum_type=PromiseUnit,
                        max_length=13,
                    ),
                ),
                ("source", ExactTextField(max_length=200)),
            ],
            options={
                "table": "service_promise",
                "app": "models",
                "unique_together": (("category", "urgency"),),
                "pk_attr": "id",
                "table_description": "服务承诺: how soon a need of this category and urgency is answered and completed, `source` says who says so.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="sessions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("token_hash", ExactTextField(unique=True, max_length=64)),
                ("device", ExactTextField(max_length=100)),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("last_used_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("revoked_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "session",
                "app": "models",
                "indexes": [Index(fields=["person_id", "expires_at"])],
                "pk_attr": "id",
                "table_description": "A signed-in phone. Only the token's hash is kept.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Station",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "level",
                    fields.CharEnumField(
                        description="CITY_DESK: city_desk\nHEAD: head\nTOWN: town\nROOM: room",
                        enum_type=StationLevel,
                        max_length=10,
                    ),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        description="PLANNED: planned\nOPEN: open\nSUSPENDED: suspended\nCLOSED: closed",
                        enum_type=StationStatus,
                        max_length=10,
                    ),
                ),
                ("name", ExactTextField(max_length=100)),
                (
                    "area",
                    fields.ForeignKeyField(
                        "models.Area",
                        source_field="area_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="stations",
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
                        related_name="county_stations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("address", ExactTextField(default="", max_length=200)),
                ("longitude", fields.FloatField(null=True)),
                ("latitude", fields.FloatField(null=True)),
                ("opening_hours", ExactTextField(default="", max_length=200)),
                ("phone", ExactTextField(default="", max_length=20)),
                ("duty_phone", ExactTextField(default="", max_length=20)),
                ("operator", ExactTextField(default="", max_length=100)),
                (
                    "origin",
                    fields.CharEnumField(
                        null=True,
                        description="SUBSIDISED: subsidised\nGOVERNANCE_PILOT: governance_pilot\nWITH_SERVICE_BODY: with_service_body\nBUILT_BY_COUNTY: built_by_county\nEXISTING_PREMISES: existing_premises",
                        enum_type=StationOrigin,
                        max_length=20,
                    ),
                ),
            ],
            options={
                "table": "station",
                "app": "models",
                "indexes": [Index(fields=["county_id"]), Index(fields=["latitude", "longitude"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Coverage",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="station_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="coverage",
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
                        related_name="coverage",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "level",
                    fields.CharEnumField(
                        description="CITY_DESK: city_desk\nHEAD: head\nTOWN: town\nROOM: room",
                        enum_type=StationLevel,
                        max_length=10,
                    ),
                ),
                ("valid_from", fields.DateField()),
                ("valid_until", fields.DateField(null=True)),
                ("current", fields.SmallIntField(null=True, default=1)),
            ],
            options={
                "table": "coverage",
                "app": "models",
                "unique_together": (("area", "level", "current"),),
                "indexes": [Index(fields=["station_id", "current"])],
                "pk_attr": "id",
                "table_description": "A station covers an area from one day until (not including) another.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Need",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        description="SUBMITTED: submitted\nACCEPTED: accepted\nASSIGNED: assigned\nIN_PROGRESS: in_progress\nRESOLVED: resolved\nCLOSED: closed\nDECLINED: declined\nREFERRED: referred\nWITHDRAWN: withdrawn\nREOPENED: reopened\nMERGED: merged",
                        enum_type=NeedStatus,
                        max_length=12,
                    ),
                ),
                (
                    "station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="station_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="needs",
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
                        related_name="needs",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "urgency",
                    fields.CharEnumField(
                        description="NORMAL: normal\nURGENT: urgent\nEMERGENCY: emergency",
                        enum_type=Urgency,
                        max_length=10,
                    ),
                ),
                (
                    "channel",
                    fields.CharEnumField(
                        description="PHONE_APP: phone_app\nCOUNTER: counter\nTELEPHONE: telephone",
                        enum_type=Channel,
                        max_length=10,
                    ),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="needs",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "submitted_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="submitted_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="submitted_needs",
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
                        related_name="needs",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("text", PersonalField(unique=False)),
                ("contact_name", PersonalField(unique=False)),
                ("contact_phone", PersonalField(unique=False)),
                ("place", PersonalField(default="", unique=False)),
                ("relation", ExactTextField(default="", max_length=20)),
                ("help_times", ExactTextField(default="", max_length=200)),
                ("may_share_contact", fields.BooleanField(default=False)),
                ("route", ExactTextField(max_length=1000)),
                ("slip_code", ExactTextField(unique=True, max_length=12)),
                ("outcome", PersonalField(default="", unique=False)),
                ("submitted_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("response_due_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("completion_due_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("accepted_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("resolved_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("urged_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("escalated_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "first_worker",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="first_worker_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="first_inquiries",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "assignee",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="assignee_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="assigned_needs",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "handler",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="handler_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="resolved_needs",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "merged_into",
                    fields.ForeignKeyField(
                        "models.Need",
                        source_field="merged_into_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="merged",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "referred_to",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="referred_to_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="offered_needs",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "overseer",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="overseer_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="overseen_needs",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("urgings", fields.SmallIntField(default=0)),
                ("bounces", fields.SmallIntField(default=0)),
                ("reopenings", fields.SmallIntField(default=0)),
                ("event_count", fields.SmallIntField(default=0)),
                ("decided_by_head", fields.BooleanField(default=False)),
            ],
            options={
                "table": "need",
                "app": "models",
                "indexes": [
                    Index(fields=["station_id", "status", "completion_due_at", "id"]),
                    Index(fields=["station_id", "submitted_at", "id"]),
                    Index(fields=["station_id", "completion_due_at", "id"]),
                    Index(fields=["person_id", "submitted_at", "id"]),
                    Index(fields=["submitted_by_id", "submitted_at", "id"]),
                    Index(fields=["assignee_id", "status"]),
                    Index(fields=["area_id", "status"]),
                    Index(fields=["referred_to_id", "submitted_at", "id"]),
                    Index(fields=["overseer_id", "submitted_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "What somebody needs, and the one station responsible for it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Appeal",
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
                        related_name="appeal",
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
                        related_name="appeals",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reason", PersonalField(unique=False)),
                ("made_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="decided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="appeals_decided",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("decided_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("granted", fields.BooleanField(null=True)),
                ("decision", PersonalField(default="", unique=False)),
            ],
            options={
                "table": "appeal",
                "app": "models",
                "indexes": [Index(fields=["station_id", "decided_at"])],
                "pk_attr": "id",
                "table_description": "A resident's objection to a declined need, decided by the parent station, once.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CallBack",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "need",
                    fields.ForeignKeyField(
                        "models.Need",
                        source_field="need_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="call_backs",
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
                        related_name="call_backs",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "reason",
                    fields.CharEnumField(
                        description="LOW_RATING: low_rating\nSTILL_LOW: still_low\nSAMPLE: sample",
                        enum_type=CallBackReason,
                        max_length=10,
                    ),
                ),
                ("opened_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "made_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="made_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="call_backs_made",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("made_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reached", fields.BooleanField(null=True)),
                ("satisfied", fields.BooleanField(null=True)),
                ("note", PersonalField(default="", unique=False)),
            ],
            options={
                "table": "call_back",
                "app": "models",
                "unique_together": (("need", "reason"),),
                "indexes": [Index(fields=["station_id", "made_at", "due_at"])],
                "pk_attr": "id",
                "table_description": "回访: a call to the resident, made by somebody other than who handled the need, within its due date.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CrisisAlert",
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
                        related_name="crisis",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "words",
                    fields.JSONField(
                        default=list, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("raised_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "acknowledged_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="acknowledged_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="alerts_acknowledged",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("acknowledged_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "crisis_alert",
                "app": "models",
                "pk_attr": "id",
                "table_description": "Somebody may be in danger: raised at once, repeated upwards until a person acknowledges it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Extension",
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
                        related_name="extension",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("until", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("reason", PersonalField(unique=False)),
                (
                    "asked_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="asked_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="extensions_asked",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("asked_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="decided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="extensions_decided",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("decided_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("granted", fields.BooleanField(null=True)),
            ],
            options={
                "table": "extension",
                "app": "models",
                "pk_attr": "id",
                "table_description": "An extension of the completion deadline: asked for once, decided once, by somebody else.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NeedEvent",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "need",
                    fields.ForeignKeyField(
                        "models.Need",
                        source_field="need_id",
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
                        related_name="events",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="station_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="events",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "from_status",
                    fields.CharEnumField(
                        null=True,
                        description="SUBMITTED: submitted\nACCEPTED: accepted\nASSIGNED: assigned\nIN_PROGRESS: in_progress\nRESOLVED: resolved\nCLOSED: closed\nDECLINED: declined\nREFERRED: referred\nWITHDRAWN: withdrawn\nREOPENED: reopened\nMERGED: merged",
                        enum_type=NeedStatus,
                        max_length=12,
                    ),
                ),
                (
                    "to_status",
                    fields.CharEnumField(
                        null=True,
                        description="SUBMITTED: submitted\nACCEPTED: accepted\nASSIGNED: assigned\nIN_PROGRESS: in_progress\nRESOLVED: resolved\nCLOSED: closed\nDECLINED: declined\nREFERRED: referred\nWITHDRAWN: withdrawn\nREOPENED: reopened\nMERGED: merged",
                        enum_type=NeedStatus,
                        max_length=12,
                    ),
                ),
                ("said", PersonalField(default="", unique=False)),
                ("note", PersonalField(default="", unique=False)),
                ("service_minutes", fields.SmallIntField(default=0)),
            ],
            options={
                "table": "need_event",
                "app": "models",
                "unique_together": (("need", "number"),),
                "pk_attr": "id",
                "table_description": "One line of a timeline: added, never changed, numbered without a gap. `said` is the resident's version.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Photo",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="owner_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="photos",
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
                        related_name="photos",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", ExactTextField(unique=True, max_length=80)),
                ("width", fields.SmallIntField()),
                ("height", fields.SmallIntField()),
                ("created_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "photo",
                "app": "models",
                "indexes": [Index(fields=["need_id", "created_at"])],
                "pk_attr": "id",
                "table_description": "A photo and the one thing it belongs to. Without a thing it is its owner's alone and swept after a day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Rating",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "need",
                    fields.ForeignKeyField(
                        "models.Need",
                        source_field="need_id",
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
                        related_name="ratings",
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
                        related_name="ratings",
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
                "table": "rating",
                "app": "models",
                "unique_together": (("need", "person"),),
                "indexes": [Index(fields=["station_id", "rated_at"])],
                "pk_attr": "id",
                "table_description": "One rating per person and thing, 1 to 5 stars. Nothing is ever rated by default.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Referral",
            fields=[
                (
                    "id",
                    fields.BigIntField(generated=False, primary_key=True, default=new_id, unique=True, db_index=True),
                ),
                (
                    "need",
                    fields.ForeignKeyField(
                        "models.Need",
                        source_field="need_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="referrals",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "from_station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="from_station_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="referrals_sent",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "to_station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="to_station_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="referrals_received",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "status_before",
                    fields.CharEnumField(
                        description="SUBMITTED: submitted\nACCEPTED: accepted\nASSIGNED: assigned\nIN_PROGRESS: in_progress\nRESOLVED: resolved\nCLOSED: closed\nDECLINED: declined\nREFERRED: referred\nWITHDRAWN: withdrawn\nREOPENED: reopened\nMERGED: merged",
                        enum_type=NeedStatus,
                        max_length=12,
                    ),
                ),
                ("reason", PersonalField(unique=False)),
                (
                    "referred_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="referred_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="referrals",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("referred_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                ("answered_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("accepted", fields.BooleanField(null=True)),
                ("answer_reason", PersonalField(default="", unique=False)),
                ("open", fields.SmallIntField(null=True, default=1)),
            ],
            options={
                "table": "referral",
                "app": "models",
                "unique_together": (("need", "open"),),
                "indexes": [Index(fields=["to_station_id", "open"])],
                "pk_attr": "id",
                "table_description": "转介: from one station to another, answered once. The sender stays responsible until it is accepted.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Role",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="roles",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="VOLUNTEER: volunteer\nSOCIAL_WORKER: social_worker\nSTATION_HEAD: station_head\nCOUNTY_OFFICER: county_officer\nCITY_OFFICER: city_officer",
                        enum_type=RoleKind,
                        max_length=16,
                    ),
                ),
                ("scope", ExactTextField(max_length=24)),
                (
                    "station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="station_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="roles",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "area",
                    fields.ForeignKeyField(
                        "models.Area",
                        source_field="area_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="roles",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "granted_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="granted_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="granted",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("granted_at", UtcDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "ended_by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="ended_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="ended",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("ended_at", UtcDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("current", fields.SmallIntField(null=True, default=1)),
            ],
            options={
                "table": "role",
                "app": "models",
                "unique_together": (("person", "kind", "scope", "current"),),
                "indexes": [Index(fields=["station_id", "current"])],
                "pk_attr": "id",
                "table_description": "Who holds which role, for which station or area, granted by whom, from when until when.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StationCategory",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "station",
                    fields.ForeignKeyField(
                        "models.Station",
                        source_field="station_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="offers",
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
                        related_name="offered_by",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "station_category",
                "app": "models",
                "unique_together": (("station", "category"),),
                "pk_attr": "id",
                "table_description": "A category of need the station offers.",
            },
            bases=["Model"],
        ),
        AddCheck(model_name="Job", constraint=CheckConstraint(check="attempts >= 0", name="job_attempts")),
        AddCheck(
            model_name="ServicePromise",
            constraint=CheckConstraint(
                check="response_amount > 0 AND completion_amount > 0", name="service_promise_amounts"
            ),
        ),
        AddCheck(
            model_name="Coverage",
            constraint=CheckConstraint(check="valid_until IS NULL OR valid_until >= valid_from", name="coverage_dates"),
        ),
        AddCheck(
            model_name="Need",
            constraint=CheckConstraint(
                check="urgings >= 0 AND bounces >= 0 AND reopenings >= 0 AND event_count >= 0", name="need_counts"
            ),
        ),
        AddCheck(
            model_name="Need",
            constraint=CheckConstraint(
                check="response_due_at >= submitted_at AND completion_due_at >= response_due_at", name="need_clock"
            ),
        ),
        AddCheck(
            model_name="NeedEvent",
            constraint=CheckConstraint(check="number > 0 AND service_minutes >= 0", name="need_event_counts"),
        ),
        AddCheck(model_name="Rating", constraint=CheckConstraint(check="stars BETWEEN 1 AND 5", name="rating_stars")),
        AddCheck(
            model_name="Referral",
            constraint=CheckConstraint(check="from_station_id <> to_station_id", name="referral_stations"),
        ),
    ]
