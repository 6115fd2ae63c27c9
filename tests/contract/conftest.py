"""Fixtures of the contract's tests."""

from tests.contract.served import served  # noqa: F401 - a fixture: one server for all of them
