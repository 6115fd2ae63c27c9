"""Tasks 任务: help that volunteers are asked for, without personal data."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.areas import Area
from server.models.base import Model
from server.models.categories import Category
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField, new_id
from server.models.ledger import Hold
from server.models.needs import Need
from server.models.people import Person
from server.models.stations import Station


class TaskStatus(StrEnum):
    PUBLISHED = "published"
    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    STARTED = "started"
    FINISHED = "finished"
    DISPUTED = "disputed"
    APPROVED = "approved"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


# States in which the task takes a volunteer's time.
TASKS_IN_HAND = (TaskStatus.CLAIMED, TaskStatus.CONFIRMED, TaskStatus.STARTED)


class Payer(StrEnum):
    """The payer of the minutes: nobody, the beneficiary's side, or the station's public pool."""

    NOBODY = "nobody"
    BENEFICIARY = "beneficiary"
    POOL = "pool"


class MinutesOffer(Model):
    """Minutes that the resident's side offers for help with a need."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    need: fields.OneToOneRelation[Need] = fields.OneToOneField(
        "models.Need", related_name="minutes_offer", on_delete=fields.RESTRICT
    )
    need_id: int
    payer: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    payer_id: int
    minutes = fields.IntField()
    offered_at = UtcDatetimeField()

    class Meta:
        table = "minutes_offer"
        constraints = (CheckConstraint(check="minutes > 0", name="minutes_offered"),)


class Task(Model):
    """A need, or a station's own request, as volunteers read it, one open task a need (`open` is 1, then NULL)."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    status = fields.CharEnumField(TaskStatus, max_length=10)
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="tasks", on_delete=fields.RESTRICT
    )
    station_id: int
    need: fields.ForeignKeyNullableRelation[Need] = fields.ForeignKeyField(
        "models.Need", related_name="tasks", null=True, on_delete=fields.RESTRICT
    )
    need_id: int | None
    category: fields.ForeignKeyRelation[Category] = fields.ForeignKeyField(
        "models.Category", related_name=False, on_delete=fields.RESTRICT
    )
    category_id: int
    area: fields.ForeignKeyRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name=False, on_delete=fields.RESTRICT
    )
    area_id: int
    title = ExactTextField(max_length=60)
    text = ExactTextField(max_length=1000)  # contains no name, no phone number, no exact address
    place = PersonalField(default="")  # only for a station's own task; otherwise the need has the place
    starts_at = UtcDatetimeField()
    ends_at = UtcDatetimeField()
    # The time in Shanghai, to match volunteers' free times.
    weekday = fields.SmallIntField()
    from_minute = fields.SmallIntField()
    until_minute = fields.SmallIntField()
    expected_minutes = fields.IntField()
    payer = fields.CharEnumField(Payer, max_length=12, default=Payer.NOBODY)
    hold: fields.OneToOneNullableRelation[Hold] = fields.OneToOneField(
        "models.Hold", related_name="task", null=True, on_delete=fields.RESTRICT
    )
    hold_id: int | None
    published_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    published_by_id: int
    published_at = UtcDatetimeField()
    volunteer: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="tasks", null=True, on_delete=fields.RESTRICT
    )
    volunteer_id: int | None
    claimed_at: datetime | None = UtcDatetimeField(null=True)
    confirmed_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    confirmed_by_id: int | None
    confirmed_at: datetime | None = UtcDatetimeField(null=True)
    started_at: datetime | None = UtcDatetimeField(null=True)
    finished_at: datetime | None = UtcDatetimeField(null=True)
    ended_at: datetime | None = UtcDatetimeField(null=True)
    open: int | None = fields.SmallIntField(null=True, default=1)
    event_count = fields.SmallIntField(default=0)

    class Meta:
        table = "task"
        constraints = (
            CheckConstraint(check="ends_at > starts_at AND expected_minutes > 0", name="task_time"),
            CheckConstraint(check="event_count >= 0", name="task_events"),
        )
        unique_together = (("need", "open"),)
        indexes = (
            ("status", "area_id", "starts_at", "id"),
            ("station_id", "status", "starts_at", "id"),
            ("station_id", "starts_at", "id"),
            ("starts_at", "id"),
            ("volunteer_id", "starts_at", "id"),
        )


class TaskEvent(Model):
    """An entry of a task's timeline: append-only, numbered without a gap."""

    id = fields.BigIntField(primary_key=True)
    task: fields.ForeignKeyRelation[Task] = fields.ForeignKeyField(
        "models.Task", related_name="events", on_delete=fields.RESTRICT
    )
    task_id: int
    number = fields.SmallIntField()
    at = UtcDatetimeField()
    kind = ExactTextField(max_length=24)
    actor: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    actor_id: int | None
    from_status = fields.CharEnumField(TaskStatus, max_length=10, null=True)
    to_status = fields.CharEnumField(TaskStatus, max_length=10, null=True)
    note = PersonalField(default="")

    class Meta:
        table = "task_event"
        constraints = (CheckConstraint(check="number > 0", name="task_event_number"),)
        unique_together = (("task", "number"),)


class Dispute(Model):
    """A dispute between the two sides of a task, decided by its station, after an appeal by the head station."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    task: fields.OneToOneRelation[Task] = fields.OneToOneField(
        "models.Task", related_name="dispute", on_delete=fields.RESTRICT
    )
    task_id: int
    station: fields.ForeignKeyRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="disputes", on_delete=fields.RESTRICT
    )
    station_id: int  # decides now: the task's station, after an appeal the head station
    raised_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, on_delete=fields.RESTRICT
    )
    raised_by_id: int
    raised_at = UtcDatetimeField()
    beneficiary_words = PersonalField(default="")
    volunteer_words = PersonalField(default="")
    decided_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    decided_by_id: int | None
    decided_at: datetime | None = UtcDatetimeField(null=True)
    decision = PersonalField(default="")
    minutes = fields.IntField(null=True)  # minutes that the decision recognises
    appeal = PersonalField(default="")
    appealed_by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    appealed_by_id: int | None
    appealed_at: datetime | None = UtcDatetimeField(null=True)
    settled_at: datetime | None = UtcDatetimeField(null=True)  # set when no appeal is possible any more

    class Meta:
        table = "dispute"
        constraints = (CheckConstraint(check="minutes >= 0", name="dispute_minutes"),)
        indexes = (("station_id", "settled_at"),)
