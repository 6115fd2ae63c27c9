"""Areas 行政区划: the tree, its codes, names and successors."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from server.models.fields import ExactTextField


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
    valid_until = fields.DateField(null=True)

    class Meta:
        table = "area"
        indexes = (("name",), ("parent_id", "name"))

    @property
    def ancestor_ids(self) -> list[int]:
        """From the province down; without the area itself."""
        return [int(step) for step in self.ancestry.split("/") if step]
