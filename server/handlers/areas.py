"""Areas: residents find theirs, officers of the city keep the tree up to date."""

import io
from functools import partial

from miniprogram_contract import areas as contract
from miniprogram_contract.areas import (
    AreaChangeCounts,
    AreaChangeFilter,
    AreaChangeRow,
    AreaCode,
    AreaDetail,
    AreaEditionDetail,
    AreaEditionSummary,
    AreaFilter,
    AreaReference,
    AreaSummary,
    NewAreaEdition,
    UndecidedCoverage,
)
from miniprogram_contract.base import Empty, IdPageQuery, Page
from server.adapters.clock import Moment
from server.domain import areas
from server.domain.areas import Change, NewEdition, Place
from server.errors import (
    EditionDecided,
    EditionNotYetValid,
    EditionOutdated,
    EditionTooOld,
    InvalidAreaFile,
    NotFound,
)
from server.handlers import subjects
from server.handlers.http import Caller, Roles, endpoint
from server.models import AreaChange, AreaEdition, AreaLevel


@endpoint("GET", "/areas", query=AreaFilter, reply=Page[AreaSummary], roles=Roles.ANYONE, refuses=(NotFound,))
async def list_areas(query: AreaFilter) -> Page[AreaSummary]:
    """Find areas by name, or list those right below one."""
    if query.query is not None:
        found = await areas.search(query.query, within=query.parent, limit=query.limit, ended=query.ended)
        return Page[AreaSummary](items=[_area(one) for one in found])
    below = await areas.children(query.parent, after=query.after or 0, limit=query.limit)
    last = below[-1].area.id if len(below) == query.limit else None
    return Page[AreaSummary](items=[_area(one) for one in below], next=_text(last))


@endpoint("GET", "/areas/<area_id:int>", reply=AreaDetail, roles=Roles.ANYONE)
async def get_area(area_id: int) -> AreaDetail:
    """Show one area, also one that ended."""
    place = await areas.area(area_id)
    codes = await areas.codes([area_id])
    carried = sorted(codes.get(area_id, {}).items())
    listed = [AreaCode(code_system=system, code=code) for system, code in carried]
    return AreaDetail(**dict(_area(place)), codes=listed)


@endpoint("GET", "/area-editions", query=IdPageQuery, reply=Page[AreaEditionSummary], roles=Roles.CITY_OFFICER)
async def list_area_editions(query: IdPageQuery) -> Page[AreaEditionSummary]:
    """List editions proposed, applied and discarded, the newest first."""
    found = await areas.editions(before=query.after, limit=query.limit)
    last = found[-1].id if len(found) == query.limit else None
    return Page[AreaEditionSummary](items=[_edition(one) for one in found], next=_text(last))


@endpoint(
    "POST",
    "/area-editions",
    body=NewAreaEdition,
    reply=AreaEditionSummary,
    subject=subjects.OUTCOME,
    status=201,
    roles=Roles.CITY_OFFICER,
    refuses=(InvalidAreaFile, EditionTooOld),
)
async def create_area_edition(body: NewAreaEdition, caller: Caller, now: Moment) -> AreaEditionSummary:
    """Read a list and compute what it would change; the tree does not change until it is applied."""
    covers = tuple(AreaLevel(level) for level in body.covers or ())
    new = NewEdition(body.name, body.code_system, body.valid_from, covers)
    return _edition(await areas.propose(partial(io.StringIO, body.csv), new, by=caller.person_id, now=now))


@endpoint(
    "GET", "/area-editions/<edition_id:int>", query=AreaChangeFilter, reply=AreaEditionDetail, roles=Roles.CITY_OFFICER
)
async def get_area_edition(edition_id: int, query: AreaChangeFilter) -> AreaEditionDetail:
    """Show an edition and, page by page, its changes."""
    edition = await areas.edition(edition_id)
    kind = AreaChange(query.kind) if query.kind else None
    found = await areas.changes(edition_id, kind=kind, after=query.after or 0, limit=query.limit)
    last = found[-1].row.number if len(found) == query.limit else None
    return AreaEditionDetail(edition=_edition(edition), items=[_change(one) for one in found], next=_text(last))


@endpoint(
    "POST",
    "/area-editions/<edition_id:int>/application",
    body=Empty,
    reply=AreaEditionSummary,
    subject=subjects.OUTCOME,
    roles=Roles.CITY_OFFICER,
    refuses=(EditionDecided, EditionNotYetValid, EditionOutdated),
)
async def apply_area_edition(edition_id: int, caller: Caller, now: Moment) -> AreaEditionSummary:
    """Change the tree as the change set says, as a whole or not at all."""
    return _edition(await areas.apply(edition_id, by=caller.person_id, now=now))


@endpoint(
    "POST",
    "/area-editions/<edition_id:int>/discarding",
    body=Empty,
    reply=AreaEditionSummary,
    subject=subjects.OUTCOME,
    roles=Roles.CITY_OFFICER,
    refuses=(EditionDecided,),
)
async def discard_area_edition(edition_id: int, caller: Caller, now: Moment) -> AreaEditionSummary:
    """Discard a proposal; the tree does not change."""
    return _edition(await areas.discard(edition_id, by=caller.person_id, now=now))


def _area(place: Place) -> AreaSummary:
    return AreaSummary(
        **dict(_link(place)),
        level=contract.AreaLevel(place.area.level),
        short_name=areas.short_name(place.area.name),
        parent_id=place.area.parent_id,
        valid_until=place.area.valid_until,
        matched_name=place.found_by,
        successors=[_link(one) for one in place.successors],
    )


def _link(place: Place) -> AreaReference:
    return AreaReference(id=place.area.id, name=place.area.name, path=place.path)


def _edition(edition: AreaEdition) -> AreaEditionSummary:
    return AreaEditionSummary(
        id=edition.id,
        name=edition.name,
        code_system=edition.code_system,
        valid_from=edition.valid_from,
        covers=[contract.AreaLevel(level) for level in edition.covers],
        status=contract.EditionStatus(edition.status),
        counts=AreaChangeCounts(**dict.fromkeys(contract.AreaChange, 0) | edition.counts),
        undecided=[UndecidedCoverage(**one) for one in edition.undecided],
        proposed_at=edition.proposed_at,
        decided_at=edition.decided_at,
    )


def _change(change: Change) -> AreaChangeRow:
    row = change.row
    return AreaChangeRow(
        changes=[contract.AreaChange(kind) for kind in row.changes.split()],
        line=row.line or None,
        level=contract.AreaLevel(row.level),
        code=row.code,
        name=row.name,
        path=change.path,
        area_id=row.area_id,
        before_name=row.before_name,
        before_code=row.before_code,
        before_path=change.before_path,
        successors=change.heirs,
    )


def _text(last: int | None) -> str | None:
    return None if last is None else str(last)
