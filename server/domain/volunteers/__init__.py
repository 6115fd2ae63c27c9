"""Volunteers 志愿者: application, approval, skills, training, teams, bans."""

from server.domain.volunteers.access import lock_approved as lock_approved
