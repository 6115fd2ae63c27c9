"""The present area of an ended one. Homes and needs keep the area they were given."""

from collections.abc import Iterable

from server.domain import reference
from server.errors import CommunityRequired, NotFound
from server.models import Area, AreaLevel


async def current_area(area_id: int) -> Area:
    """Return the present area: the same one, or the one it merged into, through any number of mergers.

    A split without a choice, or an end without successor, stops at the area that ended: its station still covers it.
    Raises `NotFound`.
    """
    area = await reference.area(area_id)
    if area is None:
        raise NotFound(kind="area", ids=[area_id])
    while area.valid_until is not None:
        today = await todays_areas(area)
        if len(today) == 1:
            return today[0]
        following = await _following([area])
        if len(following) != 1:
            break
        [area] = following
    return area


async def current_community(area_id: int) -> Area:
    """Return the present community, as `current_area`. Raises `CommunityRequired` for a town or county."""
    area = await current_area(area_id)
    if area.level != AreaLevel.COMMUNITY:
        raise CommunityRequired(area=area_id)
    return area


async def home_choices(area_id: int) -> list[Area]:
    """Return the areas a resident must choose between after a split; empty if there is no question."""
    area = await reference.area(area_id)
    today = await todays_areas(area) if area is not None else []
    return today if len(today) > 1 else []


async def todays_areas(area: Area) -> list[Area]:
    """Return the present areas of this one by id: itself while it exists, none if nothing replaced it."""
    leaves: dict[int, Area] = {}
    ways = [area]
    while ways:
        leaves |= {one.id: one for one in ways if one.valid_until is None}
        ways = await _following(one for one in ways if one.valid_until is not None)
    return [leaves[key] for key in sorted(leaves)]


async def _following(ended: Iterable[Area]) -> list[Area]:
    """Return the areas that directly replaced the ended ones, by id."""
    successors = await reference.successors(one.id for one in ended)
    found = await reference.areas(successors)
    return [found[area_id] for area_id in sorted(found)]
