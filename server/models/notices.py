"""Notices 通知: what a person must learn, written in the transaction of the change."""

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from server.models.fields import ExactTextField, UtcDatetimeField, new_id
from server.models.people import Person


class Notice(Model):
    """A line of somebody's inbox. It names things by id and never carries personal details."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="notices", on_delete=fields.RESTRICT
    )
    person_id: int
    template = ExactTextField(max_length=40)
    title = ExactTextField(max_length=60)
    body = ExactTextField(max_length=500)
    about: Any = fields.JSONField(default=dict)  # {"need": 123}
    created_at = UtcDatetimeField()
    read_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "notice"
        indexes = (("person_id", "created_at", "id"),)
