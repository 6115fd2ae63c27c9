"""Access to a crisis: how long it lasts, whom its alert reached, and who has opened it. Conditions for needs `n`."""

from server.database.condition import Condition, where

# From one of these on, another person answers for the need.
TAKEN_OVER = "('assigned', 'referral_accepted', 'rerouted', 'head_decides')"
# Of an alert `c` of a need `n`.
LASTS = f"""
    n.status NOT IN ('withdrawn', 'merged') AND (c.acknowledged_at IS NULL OR (
        n.status IN ('submitted', 'accepted', 'assigned', 'referred', 'in_progress', 'reopened')
        AND NOT EXISTS (
            SELECT 1 FROM need_event e WHERE e.need_id = n.id AND e.kind IN {TAKEN_OVER} AND e.number > (
                SELECT COALESCE(MAX(a.number), 0) FROM need_event a
                WHERE a.need_id = n.id AND a.kind = 'crisis_acknowledged'))))
"""  # noqa: S608 - constants


def lasting() -> Condition:
    """Return the condition for needs with a crisis that lasts.

    It lasts until it is acknowledged, and after that until a worker is assigned, another station takes the need, or the
    need ends. A withdrawn or merged need has none.
    """
    return where(f"EXISTS (SELECT 1 FROM crisis_alert c WHERE c.need_id = n.id AND {LASTS})")  # noqa: S608 - constants


def reached(person_id: int) -> Condition:
    """Return the condition for needs whose alert reached the person, by a notice or a phone, while the crisis lasts."""
    return where(
        f"""EXISTS (
            SELECT 1 FROM crisis_alert c JOIN crisis_recipient x ON x.alert_id = c.id
            WHERE c.need_id = n.id AND x.person_id = ? AND {LASTS})""",  # noqa: S608 - constants
        person_id,
    )


def opened_by(person_id: int) -> Condition:
    """Return the condition for needs whose crisis the person has opened: they read it while the crisis lasts.

    An alert that is raised again must be opened again.
    """
    return where(
        f"""EXISTS (
            SELECT 1 FROM crisis_opening o JOIN crisis_alert c ON c.id = o.alert_id AND c.raised_at = o.raised_at
            WHERE c.need_id = n.id AND o.person_id = ? AND {LASTS})""",  # noqa: S608 - constants
        person_id,
    )
