"""Check-in 签到: by an own phone, by stewards, and the attendance list."""

from server.handlers.check_ins import attendance_list, code_screen, resident, steward  # noqa: F401 - declares their paths
