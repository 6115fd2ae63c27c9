"""Areas 行政区划: the tree, its codes, names and successors, and the editions it is changed by."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tortoise import fields

from server.models.base import Model
from server.models.fields import ExactTextField, UtcDatetimeField


class AreaLevel(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    COMMUNITY = "community"


class Area(Model):
    """One area, whatever codes authorities give it. `ancestry` is the path of its ancestors' ids: `/1/2/9/`."""

    id = fields.IntField(primary_key=True)
    level = fields.CharEnumField(AreaLevel, max_length=10)
    name = ExactTextField(max_length=100)
    parent: fields.ForeignKeyNullableRelation["Area"] = fields.ForeignKeyField(
        "models.Area", related_name="children", null=True, on_delete=fields.RESTRICT
    )
    parent_id: int | None
    ancestry = ExactTextField(max_length=64)
    valid_from = fields.DateField()
    valid_until: date | None = fields.DateField(null=True)

    class Meta:
        table = "area"
        indexes = (("name",), ("parent_id", "name"))

    @property
    def ancestor_ids(self) -> list[int]:
        """Return the ids from the province down, without the area itself."""
        return [int(step) for step in self.ancestry.split("/") if step]


class AreaCode(Model):
    """A code an authority gives an area, from one day until (not including) another.

    `current` is 1 while it lasts and NULL after: the unique key then holds one area per code and code system.
    """

    id = fields.IntField(primary_key=True)
    area: fields.ForeignKeyRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name="codes", on_delete=fields.RESTRICT
    )
    area_id: int
    code_system = ExactTextField(max_length=10)  # nbs, mca
    code = ExactTextField(max_length=12)
    valid_from = fields.DateField()
    valid_until: date | None = fields.DateField(null=True)
    current: int | None = fields.SmallIntField(null=True, default=1)

    class Meta:
        table = "area_code"
        unique_together = (("code_system", "code", "current"),)


class AreaNameKind(StrEnum):
    OLD = "old"
    ALIAS = "alias"


class AreaName(Model):
    """Another name of an area: an earlier one, or one that people use."""

    id = fields.IntField(primary_key=True)
    area: fields.ForeignKeyRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name="other_names", on_delete=fields.RESTRICT
    )
    area_id: int
    name = ExactTextField(max_length=100)
    kind = fields.CharEnumField(AreaNameKind, max_length=5)
    valid_until: date | None = fields.DateField(null=True)

    class Meta:
        table = "area_name"
        unique_together = (("area", "name"),)
        indexes = (("name",),)


class EditionStatus(StrEnum):
    PROPOSED = "proposed"
    APPLIED = "applied"
    DISCARDED = "discarded"


class AreaEdition(Model):
    """An authority's list of areas and its proposed or applied changes.

    `follows` counts the editions applied before it was proposed. `application` numbers the applied ones without a gap:
    its unique key lets only one of two proposals that follow the same edition through.
    """

    id = fields.IntField(primary_key=True)
    name = ExactTextField(max_length=100)
    code_system = ExactTextField(max_length=10)
    valid_from = fields.DateField()
    covers: Any = fields.JSONField()  # levels in which an area missing from the list is dissolved
    status = fields.CharEnumField(EditionStatus, max_length=9, default=EditionStatus.PROPOSED)
    counts: Any = fields.JSONField(default=dict)  # {"added": 2, "renamed": 1}
    undecided: Any = fields.JSONField(default=list)  # coverage of merged areas that an officer must settle
    follows = fields.IntField()
    application: int | None = fields.IntField(null=True, unique=True)
    proposed_by: fields.ForeignKeyNullableRelation["Model"] = fields.ForeignKeyField(
        "models.Person", related_name="area_editions", null=True, on_delete=fields.RESTRICT
    )
    proposed_by_id: int | None
    proposed_at = UtcDatetimeField()
    decided_by: fields.ForeignKeyNullableRelation["Model"] = fields.ForeignKeyField(
        "models.Person", related_name="decided_area_editions", null=True, on_delete=fields.RESTRICT
    )
    decided_by_id: int | None
    decided_at: datetime | None = UtcDatetimeField(null=True)

    class Meta:
        table = "area_edition"


class AreaSuccessor(Model):
    """A successor of an ended area: one after a merger, several after a split."""

    id = fields.IntField(primary_key=True)
    area: fields.ForeignKeyRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name="heirs", on_delete=fields.RESTRICT
    )
    area_id: int
    successor: fields.ForeignKeyRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name="inherits", on_delete=fields.RESTRICT
    )
    successor_id: int
    edition: fields.ForeignKeyRelation[AreaEdition] = fields.ForeignKeyField(
        "models.AreaEdition", related_name="successors", on_delete=fields.RESTRICT
    )
    edition_id: int

    class Meta:
        table = "area_successor"
        unique_together = (("area", "successor"),)


class AreaChange(StrEnum):
    """The change of an area: one that is renamed, recoded and moved at once has all three."""

    ADDED = "added"
    RENAMED = "renamed"
    RECODED = "recoded"
    MOVED = "moved"
    MERGED = "merged"
    SPLIT = "split"
    DISSOLVED = "dissolved"
    ORPHANED = "orphaned"  # its parent ends and nobody says where it belongs now: it stays
    LEFT_OUT = "left_out"  # listed as already dissolved （撤销）
    UNCHANGED = "unchanged"


class AreaEditionRow(Model):
    """A line of an edition, or an area the edition changes without listing it (`line` 0).

    It is a staging table for very many rows, so it has numbers instead of foreign keys. `number` sorts by
    level, then by line. `area_id` is the existing area of the line; without it the line adds one.
    """

    id = fields.BigIntField(primary_key=True)
    edition: fields.ForeignKeyRelation[AreaEdition] = fields.ForeignKeyField(
        "models.AreaEdition", related_name="rows", on_delete=fields.RESTRICT
    )
    edition_id: int
    number = fields.IntField()
    line = fields.IntField()
    level = fields.CharEnumField(AreaLevel, max_length=10)
    code = ExactTextField(max_length=12)
    name = ExactTextField(max_length=100)
    parent_number: int | None = fields.IntField(null=True)  # when the list has the parent
    parent_area_id: int | None = fields.IntField(null=True)  # when only the tree has it
    predecessors = ExactTextField(max_length=500, null=True)  # codes, separated by ;
    aliases = ExactTextField(max_length=500, null=True)
    area_id: int | None = fields.IntField(null=True)
    changes = ExactTextField(max_length=30)  # words of AreaChange
    before_name = ExactTextField(max_length=100, null=True)
    before_code = ExactTextField(max_length=12, null=True)
    before_parent_id: int | None = fields.IntField(null=True)

    class Meta:
        table = "area_edition_row"
        unique_together = (("edition", "number"), ("edition", "area_id"))


class AreaEditionHeir(Model):
    """An existing area ends with this edition, and the area of row `number` replaces it."""

    id = fields.IntField(primary_key=True)
    edition: fields.ForeignKeyRelation[AreaEdition] = fields.ForeignKeyField(
        "models.AreaEdition", related_name="heirs", on_delete=fields.RESTRICT
    )
    edition_id: int
    area_id = fields.IntField()
    number = fields.IntField()

    class Meta:
        table = "area_edition_heir"
        unique_together = (("edition", "area_id", "number"),)
