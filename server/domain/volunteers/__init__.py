"""Volunteers 志愿者: application, approval, skills, training, teams, bans."""

from server.domain.volunteers.access import hold_approved as hold_approved
