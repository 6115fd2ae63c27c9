"""Read the settings for a script and use its database, or exit with one clear sentence about what is wrong."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

from pydantic import ValidationError
from tortoise.exceptions import DBConnectionError, OperationalError

from server.settings import Settings

R = TypeVar("R")
NO_DATABASE = 2


def settings_of_environment() -> Settings:
    """The settings of the environment; a wrong one ends the program with a sentence that shows no value."""
    try:
        return Settings.from_environment()
    except ValidationError as error:
        wrong = [
            f"{'.'.join(map(str, one['loc'])).upper() or 'settings'}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False)
        ]
        sys.exit("Wrong settings in the environment:\n  " + "\n  ".join(wrong))


def run_with_database(work: Coroutine[Any, Any, R]) -> R:
    """Run the work and return its result. If the database is away or has no tables, the program ends with status 2."""
    try:
        return asyncio.run(work)
    except (OperationalError, DBConnectionError) as error:
        told = f"The database at DATABASE_URL does not answer ({type(error).__name__})"
        print(f"{told}: is it right, running, and migrated?", file=sys.stderr)
        raise SystemExit(NO_DATABASE) from None
