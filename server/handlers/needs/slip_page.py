"""The slip on paper and on a phone: two small pages that load nothing from elsewhere."""

import base64
import hashlib
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

import segno

from miniprogram_contract.needs import SlipState
from server.handlers.http import Shown
from server.models import Need

SHANGHAI = ZoneInfo("Asia/Shanghai")
STYLE = (
    "body{font-family:'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;margin:1.2rem auto;max-width:26rem;"
    "padding:0 1rem;font-size:1.25rem;line-height:1.7;color:#222}"
    "h1{font-size:1.5rem;margin:.2rem 0}.state{font-size:2.2rem;font-weight:bold;color:#0a5c36;margin:.6rem 0}"
    ".code{font-size:1.7rem;letter-spacing:.15rem;font-weight:bold;white-space:nowrap}"
    "svg{width:11rem;height:11rem;display:block;margin:.6rem auto}"
    "p{margin:.4rem 0}.small{font-size:1rem;color:#555}"
)
POLICY = (
    "default-src 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
)


def page(state: SlipState, code: str) -> Shown:
    """What a phone shows after scanning the slip."""
    late = "<p>已超过期限，上级站点正在督办。</p>" if state.escalated else ""
    return _html(
        "需求办理进度",
        f"<h1>需求办理进度</h1><p class=code>{escape(_grouped(code))}</p>"
        f"<p class=state>{escape(state.status_words)}</p>{late}"
        f"<p>负责站点：{escape(state.station.name)}<br>电话：{escape(state.station.phone or '—')}</p>"
        f"<p>提交时间：{_day(state.submitted_at)}<br>承诺办结：{_day(state.completion_due_at)}</p>"
        "<p class=small>本页不显示姓名、电话和需求内容。</p>",
    )


def not_found_page() -> Shown:
    """What a phone shows after a code was typed wrong."""
    return _html(
        "没有查到",
        "<h1>没有查到这张查询单</h1><p>请核对查询码，或拨打查询单上的站点电话询问。</p>",
    )


def sheet(need: Need, url: str) -> Shown:
    """What is printed at the counter: nothing personal, a code to scan or to read out over the telephone."""
    code = segno.make(url, error="m").svg_inline(border=2, omitsize=True)
    return _html(
        "需求查询单",
        f"<h1>需求查询单</h1><p>{escape(need.station.name)}<br>电话：{escape(need.station.phone or '—')}</p>{code}"
        f"<p>查询码<br><span class=code>{escape(_grouped(need.slip_code))}</span></p>"
        f"<p>提交时间：{_day(need.submitted_at)}<br>承诺答复：{_day(need.response_due_at)}<br>"
        f"承诺办结：{_day(need.completion_due_at)}</p>"
        "<p class=small>用手机扫码，或打电话报查询码，都可以查询进度。请妥善保管。</p>",
    )


def _grouped(code: str) -> str:
    return " ".join(code[at : at + 5] for at in range(0, len(code), 5))


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y年%m月%d日 %H:%M}"


def _html(title: str, body: str) -> Shown:
    text = (
        "<!doctype html><html lang=zh-CN><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width,initial-scale=1'><meta name=robots content=noindex>"
        f"<title>{title}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    )
    return Shown(text.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": POLICY})
