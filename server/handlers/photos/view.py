"""Show a photo by its signed link."""

from miniprogram_contract.photos import PhotoLinkParameters
from server.adapters import Dependencies
from server.domain import photos, sessions
from server.domain.needs import access
from server.errors import NotFound, PhotosUnavailable
from server.handlers.http import RawResponse, Roles, endpoint
from server.handlers.http.signed_links import require_valid
from server.handlers.photos.links import link_subject

HEADERS = {"Cache-Control": "private, max-age=300", "Content-Disposition": "inline; filename=photo.jpg"}


@endpoint(
    "GET",
    "/photos/<photo_id:int>",
    query=PhotoLinkParameters,
    reply=RawResponse,
    content_type="image/jpeg",
    roles=Roles.ANYONE,
    refuses=(PhotosUnavailable,),
)
async def get_photo(photo_id: int, query: PhotoLinkParameters, dependencies: Dependencies) -> RawResponse:
    """Show a photo by a signed link that has not expired; only people who may see its subject get such a link.

    A link for one reader ends when they are shut out; a photo of a need is shown while they may still read the need.
    """
    require_valid(query, link_subject(photo_id, query.size, query.reader), dependencies)
    if query.reader is not None:
        await sessions.require_not_shut_out(query.reader)
    photo = await photos.one(photo_id)
    if photo.need_id is not None:
        await access.require_photo_reader(photo.need_id, query.reader)
    content = await dependencies.photo_store.get(photos.file_name(photo.name, query.size.value))
    if content is None:
        raise NotFound
    return RawResponse(content, "image/jpeg", HEADERS)
