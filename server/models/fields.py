"""Column types: moments in UTC, exact text, personal text, unguessable ids."""

import secrets
from datetime import UTC, datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

# JavaScript holds integers up to 2^53 exactly.
ID_BITS = 53


def new_id() -> int:
    """Return an unguessable id, for rows whose ids a stranger must not be able to enumerate."""
    return secrets.randbits(ID_BITS - 1) + 1


class UtcDatetimeField(fields.DatetimeField[datetime]):
    """A moment: it refuses naive values, stores UTC and returns UTC.

    Tortoise drops the offset of an aware value in `save`, `update` and `filter`. Converting it here corrects all three.
    """

    def to_python_value(self, value: Any) -> datetime | None:
        """Return the moment in UTC. For the rows of MariaDB this is much faster than Tortoise's way."""
        if isinstance(value, datetime) and value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return super().to_python_value(value)

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:  # noqa: ARG002 - Tortoise passes it
        if value is None or not isinstance(value, datetime):
            return value
        if value.tzinfo is None:
            raise ValueError(f"{self.model_field_name}: a moment needs its offset")
        return value.astimezone(UTC).replace(tzinfo=None)


class ExactTextField(fields.CharField[str]):
    """Short text that is compared character by character.

    MariaDB's default collation ignores case and treats rare characters as equal, which is wrong for names and codes.
    """

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        """Accept text longer than the column in a query, where `instance` is the class: it matches no row."""
        return value if isinstance(instance, type) else super().to_db_value(value, instance)

    class _db_mysql:  # noqa: N801 - Tortoise's name for a dialect's override
        def __init__(self, field: "ExactTextField") -> None:
            self.field = field

        @property
        def SQL_TYPE(self) -> str:  # noqa: N802 - Tortoise's name
            return f"VARCHAR({self.field.max_length}) COLLATE utf8mb4_bin"


class PersonalField(fields.TextField):
    """Personal text: never unmasked in a list, never in a log. This type marks all such columns."""
