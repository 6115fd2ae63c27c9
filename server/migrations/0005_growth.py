from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from server.database.schema import AddIndex


class Migration(migrations.Migration):
    dependencies = [("models", "0004_city_lists")]

    initial = False

    operations = [
        ops.RenameIndex("Need", "need_of_station", old_fields=["station_id", "submitted_at", "id"]),
        ops.RenameIndex("Need", "need_of_station_by_deadline", old_fields=["station_id", "completion_due_at", "id"]),
        ops.RenameIndex("Need", "need_by_status", old_fields=["status", "submitted_at", "id"]),
        ops.RenameIndex("Need", "need_by_time", old_fields=["submitted_at", "id"]),
        ops.RenameIndex("Need", "need_by_deadline", old_fields=["completion_due_at", "id"]),
        ops.RemoveIndex(model_name="Need", name=None, fields=["station_id", "status", "completion_due_at", "id"]),
        AddIndex(
            model_name="Need",
            index=Index(fields=["station_id", "status", "submitted_at", "id"], name="need_of_station_by_status"),
        ),
        AddIndex(
            model_name="Need",
            index=Index(fields=["station_id", "category_id", "submitted_at", "id"], name="need_of_station_by_category"),
        ),
        AddIndex(model_name="Need", index=Index(fields=["contact_phone"], name="need_by_phone"), letters=20),
        AddIndex(model_name="Need", index=Index(fields=["assignee_id", "submitted_at", "id"])),
        AddIndex(model_name="NeedEvent", index=Index(fields=["station_id", "kind", "at"])),
        AddIndex(model_name="NoShow", index=Index(fields=["at", "id"])),
        AddIndex(model_name="NoShow", index=Index(fields=["station_id", "decided_at", "excused_at", "id"])),
        AddIndex(model_name="Volunteer", index=Index(fields=["station_id", "applied_at", "id"])),
        AddIndex(model_name="Role", index=Index(fields=["scope", "kind", "current"])),
        AddIndex(model_name="Good", index=Index(fields=["station_id", "use_by", "id"])),
    ]
