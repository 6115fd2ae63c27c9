"""The present area of an ended one. Homes and needs keep the area they were given."""

from server.database.prepared import Prepared
from server.errors import CommunityRequired, NotFound
from server.models import Area, AreaLevel, AreaSuccessor

_AREA = Prepared(lambda area_id: Area.filter(id=area_id))


async def current_area(area_id: int) -> Area:
    """Return the present area: the same one, or the one it merged into, through any number of mergers.

    A split without a choice, or an end without successor, stops at the area that ended: its station still covers it.
    Raises `NotFound`.
    """
    area = await _AREA.first(area_id)
    if area is None:
        raise NotFound(kind="area", ids=[area_id])
    while area.valid_until is not None:
        today = await todays_areas(area)
        if len(today) == 1:
            return today[0]
        following = await AreaSuccessor.filter(area_id=area.id).select_related("successor")
        if len(following) != 1:
            break
        area = following[0].successor
    return area


async def current_community(area_id: int) -> Area:
    """Return the present community, as `current_area`. Raises `CommunityRequired` for a town or county."""
    area = await current_area(area_id)
    if area.level != AreaLevel.COMMUNITY:
        raise CommunityRequired(area=area_id)
    return area


async def home_choices(area_id: int) -> list[Area]:
    """Return the areas a resident must choose between after a split; empty if there is no question."""
    area = await Area.get_or_none(id=area_id)
    today = await todays_areas(area) if area is not None else []
    return today if len(today) > 1 else []


async def todays_areas(area: Area) -> list[Area]:
    """Return the present areas of this one by id: itself while it exists, none if nothing replaced it."""
    leaves: dict[int, Area] = {}
    ways = [area]
    while ways:
        leaves |= {one.id: one for one in ways if one.valid_until is None}
        ended = [one.id for one in ways if one.valid_until is not None]
        pairs = await AreaSuccessor.filter(area_id__in=ended).select_related("successor") if ended else []
        ways = [pair.successor for pair in pairs]
    return [leaves[key] for key in sorted(leaves)]
