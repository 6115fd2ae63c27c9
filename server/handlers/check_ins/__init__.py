"""Check-in 签到: on one's own phone, at the door, and the list of who was there."""

from server.handlers.check_ins import attendance_list, code_screen, resident, steward  # noqa: F401 - declares their paths
