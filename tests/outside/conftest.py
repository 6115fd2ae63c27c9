"""What the tests of the outside share."""

from tests.wechat import connect  # noqa: F401 - a fixture
