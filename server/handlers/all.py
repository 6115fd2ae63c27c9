"""Every file of handlers, imported so that its paths are declared."""

from server.handlers import (  # noqa: F401
    health,
    me,
    needs,
    notices,
    photos,
    session,
)
