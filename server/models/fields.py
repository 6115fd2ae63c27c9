"""Columns of our own: moments in UTC, exact text, ids nobody can guess."""

import secrets
from datetime import UTC, datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

# Numbers up to 2^53 survive JavaScript.
ID_BITS = 53


def new_id() -> int:
    """An unguessable id for rows whose number must not be counted through from outside."""
    return secrets.randbits(ID_BITS - 1) + 1


class UtcDatetimeField(fields.DatetimeField[datetime]):
    """A moment: refuses naive values, stores UTC, gives UTC back.

    Tortoise drops the offset of an aware value in `save`, `update` and `filter`; converting here mends all three.
    """

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:  # noqa: ARG002 - Tortoise passes it
        if value is None or not isinstance(value, datetime):
            return value
        if value.tzinfo is None:
            raise ValueError(f"{self.model_field_name}: a moment needs its offset")
        return value.astimezone(UTC).replace(tzinfo=None)


class ExactTextField(fields.CharField[str]):
    """Short text compared character by character.

    MariaDB's default collation takes all rare characters for equal and ignores case; names and codes must not be.
    """

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        """In a query, which names the class, text longer than the column is no error: it equals nothing."""
        return value if isinstance(instance, type) else super().to_db_value(value, instance)

    class _db_mysql:  # noqa: N801 - Tortoise's name for a dialect's override
        def __init__(self, field: "ExactTextField") -> None:
            self.field = field

        @property
        def SQL_TYPE(self) -> str:  # noqa: N802 - Tortoise's name
            return f"VARCHAR({self.field.max_length}) COLLATE utf8mb4_bin"


class PersonalField(fields.TextField):
    """What a person told us: never in a list unmasked, never in a log. All such columns are found by this type."""
