"""Every file of handlers, imported so that its paths are declared."""

from server.handlers import (activities, areas, bookings, categories, certificates, check_ins, coverage, health, households, me, needs, notifications, orders, photos, points, policies, rankings, roles, venues, satisfaction, service_records, session, stations, supermarket, tasks, timebank, volunteers)  # noqa: F401
