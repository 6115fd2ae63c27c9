"""The schema and its migrations: apply them, find missing ones, write new ones."""

from collections.abc import Callable, Iterable
from typing import Any

from tortoise.context import TortoiseContext
from tortoise.indexes import Index
from tortoise.migrations import operations
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.migration import Migration
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.writer import MigrationWriter

from server.database import db


async def migrate(url: str, progress: Callable[[str, str, str], object] | None = None) -> None:
    """Apply the missing migrations to the database at `url`; to an empty one, all of them."""
    async with TortoiseContext() as context:
        await context.init(config=without_time_limit(db.config(url, pool=2)), init_connections=False)
        try:
            await MigrationExecutor(context.db(), db.APPS).migrate(None, progress=progress)
        finally:
            await context.connections.close_all()


def without_time_limit(config: dict[str, Any]) -> dict[str, Any]:
    """Remove the time limit of statements: an index over a million rows takes a minute."""
    credentials = config["connections"]["default"]["credentials"]
    if "init_command" in credentials:
        credentials["init_command"] += (
            " /*M!100000 , max_statement_time=0, idle_transaction_timeout=0 */ /*!80000 , max_execution_time=0 */"
        )
    return config


async def unwritten() -> list[MigrationWriter]:
    """Return the migrations that the models need and that do not exist yet; call `write()` on each."""
    async with TortoiseContext() as context:
        await context.init(config=db.config("sqlite:///nowhere", pool=1), init_connections=False)
        assert context.apps is not None
        return await MigrationAutodetector(context.apps, db.APPS).changes()


def _note(state: State, app_label: str, model_name: str, **added: Any) -> None:
    """Add options to a model of the state, without building all related models again."""
    options = state.models[(app_label, model_name)].options
    model = state.apps.get_model(f"{app_label}.{model_name}")
    for name, one in added.items():
        options[name] = (*options.get(name, ()), one)
        setattr(model._meta, name, options[name])  # noqa: SLF001 - Tortoise's own way to a model's options


class FirstMigration(Migration):
    """A migration that only creates tables.

    Before every operation Tortoise copies all models and builds those again that a new table refers to, which takes
    eleven seconds for eighty tables. Operations that only create tables do not need that.
    """

    async def apply(self, state: State, **how: Any) -> State:
        """Create the tables, and note them in the state."""
        registered: set[tuple[str, str]] = set()

        def register(models: Iterable[tuple[str, str]]) -> None:
            new = set(models) - registered
            registered.update(new)
            state._reload(new)  # noqa: SLF001 - what Tortoise's own reload ends with

        hurried: Any = state
        hurried.clone, hurried.reload_models = lambda: state, register
        try:
            return await super().apply(state, **how)
        finally:
            del hurried.clone, hurried.reload_models


class AddCheck(operations.AddConstraint):
    """Add a check to a table, on SQLite without losing the table's keys.

    SQLite cannot add a check. Tortoise creates the table again for it, without its unique keys and indexes.
    """

    def state_forward(self, app_label: str, state: State) -> None:
        """Add the check to the state."""
        _note(state, app_label, self.model_name, constraints=self.constraint)

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """Add the check, then the keys and indexes that the new table lacks."""
        await super().database_forward(app_label, old_state, new_state, state_editor)
        if state_editor is None or state_editor.client.capabilities.dialect != "sqlite":
            return
        model = new_state.apps.get_model(f"{app_label}.{self.model_name}")
        declared = model._meta  # noqa: SLF001 - Tortoise's own way to a model's options
        one_to_one = [(name,) for name in declared.o2o_fields]
        for group in (*declared.unique_together, *one_to_one):
            await state_editor.add_constraint(model, UniqueConstraint(fields=tuple(group)))
        for index in declared.indexes:
            await state_editor.add_index(model, index if isinstance(index, Index) else Index(fields=tuple(index)))


class AddIndex(operations.AddIndex):
    """Add an index to a table, on MariaDB over the first `letters` characters of a text."""

    def __init__(self, model_name: str, index: Index, letters: int | None = None) -> None:
        super().__init__(model_name, index)
        self.letters = letters

    def state_forward(self, app_label: str, state: State) -> None:
        """Add the index to the state."""
        _note(state, app_label, self.model_name, indexes=self.index)

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """Add the index in the way of the dialect."""
        if self.letters is None or state_editor is None or state_editor.client.capabilities.dialect != "mysql":
            await super().database_forward(app_label, old_state, new_state, state_editor)
            return
        table = new_state.apps.get_model(f"{app_label}.{self.model_name}")._meta.db_table  # noqa: SLF001 - as above
        [column] = self.index.fields
        await state_editor.client.execute_script(
            f"CREATE INDEX `{self.index.name}` ON `{table}` (`{column}`({self.letters}))"
        )
