"""Keys of accounts: owner and unit."""

from dataclasses import dataclass

MINUTES = "minutes"
POINTS = "points"
# Accounts of these kinds represent the outside world, where the amounts in all other accounts come from.
MAY_OVERDRAW = frozenset({"issuing", "donors", "counted", "debt"})


@dataclass(frozen=True, order=True)
class Key:
    """An account's owner and unit."""

    owner: str
    unit: str

    @property
    def may_overdraw(self) -> bool:
        return self.owner.rpartition(":")[2] in MAY_OVERDRAW


def person(person_id: int, unit: str) -> Key:
    """The account of a person; never below zero."""
    return Key(f"person:{person_id}", unit)


def debt(person_id: int, unit: str) -> Key:
    """The debt 欠 of a person: what they had to give back and had spent; below zero by what they owe."""
    return Key(f"person:{person_id}:debt", unit)


def issuing(station_id: int, unit: str) -> Key:
    """The account that a station's minutes and points come from, and that spent ones return to."""
    return Key(f"station:{station_id}:issuing", unit)


def pool(station_id: int) -> Key:
    """The public pool 公益池: minutes donated to the station for people in hardship."""
    return Key(f"station:{station_id}:pool", MINUTES)


def expired(station_id: int) -> Key:
    """The account of expired points."""
    return Key(f"station:{station_id}:expired", POINTS)


def pieces_unit(good_id: int) -> str:
    """Return the unit in which pieces of a good are counted."""
    return f"good:{good_id}"


def shelf(good_id: int) -> Key:
    """The pieces of a good on the shelf."""
    return Key(f"shelf:{good_id}", pieces_unit(good_id))


def donors(good_id: int) -> Key:
    """The account that donated or bought pieces come from."""
    return Key(f"shelf:{good_id}:donors", pieces_unit(good_id))


def handed_out(good_id: int) -> Key:
    """The account that handed-over pieces go to."""
    return Key(f"shelf:{good_id}:handed_out", pieces_unit(good_id))


def counted(good_id: int) -> Key:
    """The account of pieces found or missing in a stock-taking 盘点."""
    return Key(f"shelf:{good_id}:counted", pieces_unit(good_id))
