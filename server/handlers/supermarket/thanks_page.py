"""The page of thanks for a browser."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from miniprogram_contract.supermarket import DonationThanks
from server.domain.working_time import SHANGHAI
from server.handlers.http import RawResponse
from server.handlers.http.html_page import html_page
from server.models import Station

STYLE = (
    "ul{list-style:none;margin:1rem 0;padding:0}"
    "li{border-bottom:1px solid #ddd;padding:.6rem 0;overflow-wrap:anywhere}"
    ".donor{font-weight:bold;color:#a3281f}a{color:#0a5c36}"
)


def thanks_page(station: Station, thanked: Sequence[DonationThanks], following: str | None) -> RawResponse:
    """Return the page of donors and donations; `following` links to earlier ones."""
    name = escape(station.name)
    lines = "".join(map(_line, thanked))
    given = f"<p>感谢每一份心意，以下捐赠已全部入库。</p><ul>{lines}</ul>" if thanked else "<p>还没有捐赠。</p>"
    return html_page(
        f"{name}爱心超市感谢榜",
        f"<h1>爱心超市感谢榜</h1><p class=small>{name}</p>{given}{_link(station.id, following)}",
        STYLE,
    )


def _line(one: DonationThanks) -> str:
    day = f"{one.received_at.astimezone(SHANGHAI):%Y年%m月%d日}"
    return (
        f"<li><span class=donor>{escape(one.donor)}</span> 捐赠 {escape(one.good_name)} {one.pieces} 件"
        f"<br><span class=small>{day}</span></li>"
    )


def _link(station_id: int, following: str | None) -> str:
    if following is None:
        return ""
    address = escape(f"?{urlencode({'station': station_id, 'after': following})}")
    return f'<p><a href="{address}">更早的捐赠</a></p>'
