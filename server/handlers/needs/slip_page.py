"""Pages of a slip, for a phone and for print; they load nothing from other servers."""

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

import segno

from miniprogram_contract.needs import SlipDetail
from server.handlers.http import RawResponse
from server.handlers.http.html_page import html_page
from server.handlers.phone_text import phone_text
from server.models import Need

SHANGHAI = ZoneInfo("Asia/Shanghai")
STYLE = (
    ".state{font-size:2.2rem;font-weight:bold;color:#0a5c36;margin:.6rem 0}"
    ".code{font-size:1.7rem;letter-spacing:.15rem;font-weight:bold;white-space:nowrap}"
    "svg{width:11rem;height:11rem;display:block;margin:.6rem auto}"
)


def page(state: SlipDetail, code: str) -> RawResponse:
    """Return the page a phone opens from the slip's QR code."""
    late = "<p>已超过期限，上级站点正在督办。</p>" if state.escalated else ""
    return html_page(
        "需求办理进度",
        f"<h1>需求办理进度</h1><p class=code>{escape(_grouped(code))}</p>"
        f"<p class=state>{escape(state.status_words)}</p>{late}"
        f"<p>负责站点：{escape(state.station.name)}<br>电话：{escape(phone_text(state.station.phone) or '—')}</p>"
        f"<p>提交时间：{_day(state.submitted_at)}<br>承诺办结：{_day(state.completion_due_at)}</p>"
        "<p class=small>本页不显示姓名、电话和需求内容。</p>",
        STYLE,
    )


def not_found_page() -> RawResponse:
    """Return the page for an unknown code."""
    return html_page(
        "没有查到",
        "<h1>没有查到这张查询单</h1><p>请核对查询码，或拨打查询单上的站点电话询问。</p>",
        STYLE,
    )


def sheet(need: Need, url: str) -> RawResponse:
    """Return the page to print at the counter: no personal data, a code to scan or to read out on the telephone."""
    code = segno.make(url, error="m").svg_inline(border=2, omitsize=True)
    return html_page(
        "需求查询单",
        f"<h1>需求查询单</h1><p>{escape(need.station.name)}<br>"
        f"电话：{escape(phone_text(need.station.phone) or '—')}</p>{code}"
        f"<p>查询码<br><span class=code>{escape(_grouped(need.slip_code))}</span></p>"
        f"<p>提交时间：{_day(need.submitted_at)}<br>承诺答复：{_day(need.response_due_at)}<br>"
        f"承诺办结：{_day(need.completion_due_at)}</p>"
        "<p class=small>用手机扫码，或打电话报查询码，都可以查询进度。请妥善保管。</p>",
        STYLE,
    )


def _grouped(code: str) -> str:
    return " ".join(code[at : at + 5] for at in range(0, len(code), 5))


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y年%m月%d日 %H:%M}"
