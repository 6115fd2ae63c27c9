"""Whose account, in which unit: the names the ledger is kept under."""

from dataclasses import dataclass

MINUTES = "minutes"
POINTS = "points"
# Accounts of these kinds stand for the outside world: what is in all others came out of them.
OVERDRAWN = frozenset({"issuing", "donors", "counted"})


@dataclass(frozen=True, order=True)
class Key:
    """An account's owner and unit."""

    owner: str
    unit: str

    @property
    def may_overdraw(self) -> bool:
        return self.owner.rpartition(":")[2] in OVERDRAWN


def person(person_id: int, unit: str) -> Key:
    """What a person has; never below zero."""
    return Key(f"person:{person_id}", unit)


def issuing(station_id: int, unit: str) -> Key:
    """Where a station's minutes and points come from, and where spent ones go back to."""
    return Key(f"station:{station_id}:issuing", unit)


def pool(station_id: int) -> Key:
    """公益池: minutes given to the station for people in hardship."""
    return Key(f"station:{station_id}:pool", MINUTES)


def expired(station_id: int) -> Key:
    """Points that were not spent in their time."""
    return Key(f"station:{station_id}:expired", POINTS)


def pieces(good_id: int) -> str:
    """The unit that pieces of one good are counted in."""
    return f"good:{good_id}"


def shelf(good_id: int) -> Key:
    """The pieces of a good that are there."""
    return Key(f"shelf:{good_id}", pieces(good_id))


def donors(good_id: int) -> Key:
    """Where pieces come from that were given or bought."""
    return Key(f"shelf:{good_id}:donors", pieces(good_id))


def handed_out(good_id: int) -> Key:
    """Where pieces go that were handed over."""
    return Key(f"shelf:{good_id}:handed_out", pieces(good_id))


def counted(good_id: int) -> Key:
    """盘点: where pieces come from, or went, that a count found or missed."""
    return Key(f"shelf:{good_id}:counted", pieces(good_id))
