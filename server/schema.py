"""The schema and its migrations: applying them, writing new ones, and telling what is missing."""

from collections.abc import Callable

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.writer import MigrationWriter

from server import db


async def migrate(url: str, progress: Callable[[str, str, str], object] | None = None) -> None:
    """Bring the database at `url` up to date; from empty it creates everything."""
    async with TortoiseContext() as context:
        await context.init(config=db.config(url, pool=2), init_connections=False)
        try:
            await MigrationExecutor(context.db(), db.APPS).migrate(None, progress=progress)
        finally:
            await context.connections.close_all()


async def unwritten() -> list[MigrationWriter]:
    """Migrations that the models ask for and nobody wrote yet; call `write()` on each."""
    async with TortoiseContext() as context:
        await context.init(config=db.config("sqlite:///nowhere", pool=1), init_connections=False)
        assert context.apps is not None
        return await MigrationAutodetector(context.apps, db.APPS).changes()
