"""Areas 行政区划: find them, follow them through mergers and splits, and import an authority's new list."""

from datetime import date
from pathlib import Path

from server.domain.areas.apply_edition import apply, discard
from server.domain.areas.edition_queries import Change, changes, edition, editions
from server.domain.areas.names import path_of, short_name
from server.domain.areas.propose_edition import NewEdition, propose
from server.domain.areas.search import Place, area, children, codes, paths_of, search
from server.domain.areas.successors import current_area, current_community, home_choices, todays_areas

_LISTS = Path(__file__).parent / "data"
# Luzhou's areas: the statistics bureau's list with all communities, then the civil affairs ministry's newer towns.
LUZHOU = (
    (_LISTS / "areas_nbs_2023.csv", NewEdition("国家统计局 2023", "nbs", date(2023, 6, 30))),
    (_LISTS / "towns_mca_2026.csv", NewEdition("民政部 2026", "mca", date(2026, 1, 1))),
)

__all__ = [
    "LUZHOU", "Change", "NewEdition", "Place", "apply", "area", "changes", "children", "codes", "current_area",
    "current_community", "discard", "edition", "editions", "home_choices", "path_of", "paths_of", "propose", "search",
    "short_name", "todays_areas",
]  # fmt: skip
