"""Categories of need, their service promises, policies and the calendar."""

from enum import StrEnum

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.base import Model
from server.models.fields import ExactTextField


class Urgency(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class Category(Model):
    """A category of need (plan rules 16 and 17). All stations offer the code `not_sure`."""

    id = fields.IntField(primary_key=True)
    code = ExactTextField(max_length=40, unique=True)
    name = ExactTextField(max_length=40)
    explanation = ExactTextField(max_length=60, default="")
    icon = ExactTextField(max_length=40)  # its name in the mini-program's set
    confidential = fields.BooleanField(default=False)
    active = fields.BooleanField(default=True)
    position = fields.SmallIntField(default=0)

    class Meta:
        table = "category"


class PromiseUnit(StrEnum):
    MINUTES = "minutes"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"


class ServicePromise(Model):
    """Service promise 服务承诺: the response and completion times of a category and urgency, with their source."""

    id = fields.IntField(primary_key=True)
    category: fields.ForeignKeyRelation[Category] = fields.ForeignKeyField(
        "models.Category", related_name="promises", on_delete=fields.RESTRICT
    )
    category_id: int
    urgency = fields.CharEnumField(Urgency, max_length=10)
    response_amount = fields.SmallIntField()
    response_unit = fields.CharEnumField(PromiseUnit, max_length=13)
    completion_amount = fields.SmallIntField()
    completion_unit = fields.CharEnumField(PromiseUnit, max_length=13)
    source = ExactTextField(max_length=200)

    class Meta:
        table = "service_promise"
        constraints = (
            CheckConstraint(check="response_amount > 0 AND completion_amount > 0", name="service_promise_amounts"),
        )
        unique_together = (("category", "urgency"),)


class Policy(Model):
    """A number that an officer set for the city, a county or a station, with its source."""

    id = fields.IntField(primary_key=True)
    name = ExactTextField(max_length=40)
    scope = ExactTextField(max_length=24)  # city, area:3 or station:7
    value = fields.IntField()
    source = ExactTextField(max_length=200)

    class Meta:
        table = "policy"
        unique_together = (("name", "scope"),)


class Wording(Model):
    """A title or a name of a level that the city set in place of the default, with its source."""

    id = fields.IntField(primary_key=True)
    name = ExactTextField(max_length=40, unique=True)
    text = ExactTextField(max_length=40)
    source = ExactTextField(max_length=200)

    class Meta:
        table = "wording"


class CalendarDay(Model):
    """A day that the city entered by hand, which comes before the national calendar."""

    day = fields.DateField(primary_key=True)
    working = fields.BooleanField()

    class Meta:
        table = "calendar_day"
