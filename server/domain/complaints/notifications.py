"""Notices about complaints. They tell the people complained of nothing, and name nobody."""

from server.domain.notifications import NoticeTemplate

COMPLAINT_FILED = NoticeTemplate(
    "complaint_filed",
    title="有一条投诉待答复",
    body="收到一条关于下级站点的投诉，请在{until}前答复。",
    opens="complaint",
)
COMPLAINT_APPEALED = NoticeTemplate(
    "complaint_appealed",
    title="有一条投诉请您复核",
    body="居民对投诉答复有异议，请在{until}前复核。",
    opens="complaint",
)
COMPLAINT_OVERDUE = NoticeTemplate(
    "complaint_overdue", title="督办：投诉超期未答复", body="一条投诉已超过答复期限，请督促处理。", opens="complaint"
)
COMPLAINT_ANSWERED = NoticeTemplate(
    "complaint_answered",
    title="您的投诉有答复了",
    body="{station}答复了您的投诉，请查看；如有异议，可以在{until}前申请复核一次。",
    opens="complaint",
)
COMPLAINT_FINAL = NoticeTemplate(
    "complaint_final", title="投诉复核结果", body="{station}复核了您的投诉，请查看。", opens="complaint"
)
COMPLAINT_TO_TELL = NoticeTemplate(
    "complaint_to_tell",
    title="请转告投诉答复",
    body="{station}答复了一条投诉。这位居民没有手机账号，请在{until}前转告；本人不服的，可以代为申请复核。",
    opens="complaint",
)
COMPLAINT_FINAL_TO_TELL = NoticeTemplate(
    "complaint_final_to_tell",
    title="请转告投诉复核结果",
    body="{station}复核了一条投诉。这位居民没有手机账号，请转告本人。",
    opens="complaint",
)
COMPLAINT_ENTERED = NoticeTemplate(
    "complaint_entered", title="工作人员为您登记了投诉", body="由{station}答复，最晚{until}。", opens="complaint"
)
