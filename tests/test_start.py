"""A start loads neither rarely used libraries nor what only the contract needs."""

import subprocess
import sys

import pytest
import tortoise

from server import models
from server.models.base import Model

STARTED = """
import sys
from server import app
from server.jobs import context, worker
from server.adapters.clock import SystemClock
from server.settings import Settings

settings = Settings(photo_store=sys.argv[1])
app.create_app(settings)
app.build_dependencies(settings)
context.job_context(settings, SystemClock())
print(*sys.modules)
"""
OF_FEW = {"PIL", "icalendar", "obstore", "pylopdf_fonts_zh_cn", "xlsxwriter"}
OF_THE_CONTRACT = {"server.handlers.http.openapi"}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> set[str]:
    """The modules of a started server and job runner before the first request."""
    command = [sys.executable, "-c", STARTED, tmp_path_factory.mktemp("photos")]
    return set(subprocess.check_output(command, text=True).split())


@pytest.mark.parametrize("module", sorted(OF_FEW | OF_THE_CONTRACT))
def test_start_does_not_load(module: str, loaded: set[str]):
    assert "server.handlers.activities.poster" in loaded
    assert module not in loaded


def test_start_builds_no_reply_type():
    replies = "[one.reply for one in ENDPOINTS if hasattr(one.reply, 'model_fields')]"
    command = f"from server.app import ENDPOINTS; print(*(one.__pydantic_complete__ for one in {replies}))"

    assert set(subprocess.check_output([sys.executable, "-c", command], text=True).split()) == {"False"}


def test_start_reads_no_source_of_a_model():
    """Tortoise's own base class would search the source of every table for comments."""
    tables = {value for value in vars(models).values() if isinstance(value, type) and issubclass(value, tortoise.Model)}

    assert tables
    assert {one.__name__ for one in tables if not issubclass(one, Model)} == set()
