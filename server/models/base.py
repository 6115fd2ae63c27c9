"""The base class of every table."""

from typing import Any

from tortoise import models


class _FastModelMeta(models.ModelMeta):
    """Tortoise's metaclass, without its search of the source code for comments that begin with `#:`.

    We write no such comments, and the search of seventy classes takes a tenth of the time to start an instance.
    """

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> type:
        return super().__new__(cls, name, bases, attrs | {"_no_comments": True})


class Model(models.Model, metaclass=_FastModelMeta):
    """A table."""

    class Meta:
        abstract = True
