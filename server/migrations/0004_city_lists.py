from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0003_activities")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="Good",
            index=Index(fields=["active", "created_at", "id"]),
        ),
        ops.AddIndex(
            model_name="Need",
            index=Index(fields=["submitted_at", "id"]),
        ),
        ops.AddIndex(
            model_name="Need",
            index=Index(fields=["completion_due_at", "id"]),
        ),
        ops.AddIndex(
            model_name="Need",
            index=Index(fields=["status", "submitted_at", "id"]),
        ),
        ops.AddIndex(
            model_name="NoShow",
            index=Index(fields=["decided_at", "exemption", "excused_at", "id"]),
        ),
    ]
