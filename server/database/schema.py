"""The schema and its migrations: applying them, writing new ones, and telling what is missing."""

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
    """Bring the database at `url` up to date; from empty it creates everything."""
    async with TortoiseContext() as context:
        await context.init(config=unhurried(db.config(url, pool=2)), init_connections=False)
        try:
            await MigrationExecutor(context.db(), db.APPS).migrate(None, progress=progress)
        finally:
            await context.connections.close_all()


def unhurried(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration without a limit on how long a statement takes: an index over a million rows takes a minute."""
    credentials = config["connections"]["default"]["credentials"]
    if "init_command" in credentials:
        credentials["init_command"] += " /*M!100000 , max_statement_time=0 */ /*!80000 , max_execution_time=0 */"
    return config


async def unwritten() -> list[MigrationWriter]:
    """Migrations that the models ask for and nobody wrote yet; call `write()` on each."""
    async with TortoiseContext() as context:
        await context.init(config=db.config("sqlite:///nowhere", pool=1), init_connections=False)
        assert context.apps is not None
        return await MigrationAutodetector(context.apps, db.APPS).changes()


def _note(state: State, app_label: str, model_name: str, **added: Any) -> None:
    """Note what a model has more, without making every related model of the state anew: none of them looks at it."""
    options = state.models[(app_label, model_name)].options
    model = state.apps.get_model(f"{app_label}.{model_name}")
    for name, one in added.items():
        options[name] = (*options.get(name, ()), one)
        setattr(model._meta, name, options[name])  # noqa: SLF001 - Tortoise's own way to a model's options


class FirstMigration(Migration):
    """A migration that only creates tables.

    Tortoise copies all models before every operation, and makes those anew that a new table refers to: eleven seconds
    for eighty tables. Operations that only create look at neither.
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
    """A check added to a table, on SQLite without losing the table's keys.

    SQLite cannot add a check to a table; Tortoise makes the table anew for it, and forgets its unique keys and indexes.
    """

    def state_forward(self, app_label: str, state: State) -> None:
        """Note the check."""
        _note(state, app_label, self.model_name, constraints=self.constraint)

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """Add the check, then what the new table lacks."""
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
    """An index added to a table, on MariaDB over so many `letters` of a text of any length."""

    def __init__(self, model_name: str, index: Index, letters: int | None = None) -> None:
        super().__init__(model_name, index)
        self.letters = letters

    def state_forward(self, app_label: str, state: State) -> None:
        """Note the index."""
        _note(state, app_label, self.model_name, indexes=self.index)

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """Add the index, as the dialect asks for it."""
        if self.letters is None or state_editor is None or state_editor.client.capabilities.dialect != "mysql":
            await super().database_forward(app_label, old_state, new_state, state_editor)
            return
        table = new_state.apps.get_model(f"{app_label}.{self.model_name}")._meta.db_table  # noqa: SLF001 - as above
        [column] = self.index.fields
        await state_editor.client.execute_script(
            f"CREATE INDEX `{self.index.name}` ON `{table}` (`{column}`({self.letters}))"
        )
