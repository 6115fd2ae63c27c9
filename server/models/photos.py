"""Photos: redrawn pictures in two sizes, kept in the photo store under a random name."""

from tortoise import fields

from server.models.base import Model
from server.models.fields import ExactTextField, UtcDatetimeField, new_id
from server.models.needs import Need
from server.models.people import Person


class Photo(Model):
    """A photo and the one subject it belongs to. Without a subject it is swept after a day."""

    id = fields.BigIntField(primary_key=True, generated=False, default=new_id)
    owner: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="photos", on_delete=fields.RESTRICT
    )
    owner_id: int
    need: fields.ForeignKeyNullableRelation[Need] = fields.ForeignKeyField(
        "models.Need", related_name="photos", null=True, on_delete=fields.RESTRICT
    )
    need_id: int | None
    event_number = fields.IntField(null=True)  # of the timeline's entry that it came with; null: with the need itself
    subject_key = ExactTextField(
        max_length=40, null=True
    )  # such as good:9 or service_record:41; null for a need's photo
    name = ExactTextField(max_length=80, unique=True)
    width = fields.SmallIntField()
    height = fields.SmallIntField()
    created_at = UtcDatetimeField()

    class Meta:
        table = "photo"
        indexes = (("need_id", "created_at"), ("subject_key",))
