"""The server's own records: audit, readings of personal data, idempotency keys, jobs, the set-up's number."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint

from server.models.base import Model
from server.models.fields import ExactTextField, PersonalField, UtcDatetimeField
from server.models.people import Person


class AuditEntry(Model):
    """A change: who made it, what it was and why. Append-only."""

    id = fields.BigIntField(primary_key=True)
    at = UtcDatetimeField()
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="audit_entries", null=True, on_delete=fields.RESTRICT
    )
    person_id: int | None
    action = ExactTextField(max_length=40)
    subject = ExactTextField(max_length=40)  # station:7, need:123
    facts: Any = fields.JSONField(default=dict)

    class Meta:
        table = "audit_entry"
        indexes = (("subject", "id"),)


class ReadingKind(StrEnum):
    """A kind of reading. `crisis`, `appeal`, `extension`: a need's words, in order to act on it.

    `found`: the person was looked up, not a need of theirs.
    """

    CONTACT = "contact"
    CONFIDENTIAL = "confidential"
    ATTENDANCE = "attendance"
    LOOK_UP = "look_up"
    FOUND = "found"
    CRISIS = "crisis"
    APPEAL = "appeal"
    EXTENSION = "extension"
    COMPLAINT = "complaint"


class Reading(Model):
    """A reading of personal data that lists do not show: the reader, the person and the reason."""

    id = fields.BigIntField(primary_key=True)
    at = UtcDatetimeField()
    reader: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="readings", on_delete=fields.RESTRICT
    )
    reader_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="read_by", on_delete=fields.RESTRICT
    )
    person_id: int
    subject = ExactTextField(max_length=40)
    what = fields.CharEnumField(ReadingKind, max_length=12)
    reason = PersonalField(default="")

    class Meta:
        table = "reading"
        indexes = (("person_id", "at", "id"),)


class LookUpKind(StrEnum):
    PHONE = "phone"
    SLIP = "slip"
    CODE = "code"
    NAME = "name"


class LookUp(Model):
    """A search for a person by a whole number, also one that found nothing. The number itself is not kept."""

    id = fields.BigIntField(primary_key=True)
    at = UtcDatetimeField()
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="look_ups", on_delete=fields.RESTRICT
    )
    person_id: int  # the searcher
    kind = fields.CharEnumField(LookUpKind, max_length=5)
    reason = PersonalField()

    class Meta:
        table = "look_up"
        indexes = (("person_id", "at"),)


class IdempotencyKey(Model):
    """The reply to a request that changed something, stored with the change: a repetition gets the same reply.

    Only the phone that has the Idempotency-Key can have the answer decrypted. The person is no foreign key, because
    storing a key would then lock the person's row.
    """

    id = ExactTextField(max_length=64, primary_key=True)  # hash of person and key
    request_hash = ExactTextField(max_length=64)
    person_id = fields.BigIntField()
    operation = ExactTextField(max_length=120)  # POST /needs/<need_id:int>/appeal
    subject = ExactTextField(max_length=40, null=True)  # need:123
    status = fields.SmallIntField(null=True)
    answer = fields.TextField(null=True)  # encrypted, in base64: aiomysql cannot send bytes
    created_at = UtcDatetimeField()

    class Meta:
        table = "idempotency_key"
        indexes = (("created_at",),)


class Job(Model):
    """Work that is due at a time. A job runner claims it by compare-and-set on the lease. A failed job is parked."""

    id = fields.BigIntField(primary_key=True)
    kind = ExactTextField(max_length=40)
    subject = ExactTextField(max_length=40)
    due_at = UtcDatetimeField()
    leased_until = UtcDatetimeField()
    lease = ExactTextField(max_length=32, default="")
    attempts = fields.SmallIntField(default=0)
    state = ExactTextField(max_length=8, default="waiting")  # waiting, done, parked
    last_error = ExactTextField(max_length=300, default="")
    done_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "job"
        constraints = (CheckConstraint(check="attempts >= 0", name="job_attempts"),)
        unique_together = (("kind", "subject"),)
        indexes = (("state", "due_at"), ("state", "kind", "due_at"))


class JobRunnerHeartbeat(Model):
    """A job runner: where it runs, since when, its last heartbeat, and the jobs it had then."""

    id = fields.BigIntField(primary_key=True, generated=False)
    label = ExactTextField(max_length=100)
    started_at = UtcDatetimeField()
    beat_at = UtcDatetimeField()
    doing = ExactTextField(max_length=300)

    class Meta:
        table = "job_runner_heartbeat"
        indexes = (("beat_at",),)


class ReferenceVersion(Model):
    """The number of the city's present set-up, in one row: each change of the set-up replaces it."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    number = fields.BigIntField()

    class Meta:
        table = "reference_version"
