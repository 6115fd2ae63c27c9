"""Notices about joining."""

from server.domain.notifications import NoticeTemplate

JOINING_ASKED = NoticeTemplate(
    "joining_asked",
    title="请确认一份档案合并",
    body="{station}申请把一位居民在柜台登记的档案，合并到本人手机账号。请在{until}前核对后确认。",
)
JOINED = NoticeTemplate(
    "joined",
    title="柜台登记的档案已并入您的账号",
    body="您以前在柜台登记的需求、报名和积分，现在都在您的账号里。如果不是您的，请在{until}前联系{station}撤销。",
)
JOINING_REFUSED = NoticeTemplate(
    "joining_refused", title="档案没有合并", body="{station}核对后没有合并柜台登记的档案，请向社工站询问。"
)
JOINING_UNDONE = NoticeTemplate(
    "joining_undone", title="档案合并已撤销", body="{station}撤销了一次档案合并，相关的需求、报名和积分已经退回。"
)
