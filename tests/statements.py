"""Statements sent to the database, inside and outside of transactions."""

import logging

import pytest

LOGGER = "tortoise.db_client"


class Sent:
    """The statements since the last `listen`."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG, logger=LOGGER)
        self._caplog = caplog

    def listen(self) -> None:
        self._caplog.clear()

    @property
    def statements(self) -> list[str]:
        return [str(one.args[0]) for one in self._caplog.records if one.name == LOGGER and isinstance(one.args, tuple)]
