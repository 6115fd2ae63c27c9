"""Speakers: who uses a right of the resident."""

from server.domain.staff import Staff

ON_WORD = "（应您口头要求，由工作人员代办）"
# Entries of the timeline that a resident makes, or staff on their word.
RESIDENT_KINDS = frozenset(
    {"resident_wrote", "reminded", "withdrawn", "reopened", "appealed", "crisis_written", "became_emergency"}
)
# A person on the resident's side by their id, or staff on the word of a resident who has no phone of their own.
Speaker = int | Staff


def speaker_id(by: Speaker) -> int:
    """Return the id of the person who acts: the resident, or the worker on their word."""
    return by.person_id if isinstance(by, Staff) else by


def on_word(by: Speaker) -> str:
    """Return what is added to a line of the timeline if staff act on the resident's word."""
    return ON_WORD if isinstance(by, Staff) else ""
