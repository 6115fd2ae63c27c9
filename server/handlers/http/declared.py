"""Every file of handlers, imported so that its paths are declared."""

from server.handlers import (  # noqa: F401
    areas,
    categories,
    coverage,
    health,
    me,
    needs,
    notices,
    photos,
    policies,
    roles,
    satisfaction,
    session,
    stations,
)
