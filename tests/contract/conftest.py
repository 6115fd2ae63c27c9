"""What the tests of the contract share."""

from tests.contract.served import served  # noqa: F401 - a fixture: one server for all of them
