"""The people of the demonstration, who sign in with the code `dev-<nickname>`."""

from dataclasses import dataclass

from server.models import RoleKind

LINYU, LANTIAN = ("江阳区", "邻玉街道"), ("江阳区", "蓝田街道")


@dataclass(frozen=True)
class Persona:
    """A person with their home (`home`) or workplace (`where`), by short names from the county down."""

    nickname: str
    name: str
    who: str
    home: tuple[str, ...] = ()
    phone: str = ""
    role: RoleKind | None = None
    where: tuple[str, ...] = ()


PERSONAS = (
    Persona("wangnainai", "王秀英", "王奶奶，邻玉街道先锋村的居民", (*LINYU, "先锋村"), "13800000001"),
    Persona("xiaofang", "王小芳", "小芳，王奶奶的孙女，与她同住，正申请做志愿者", (*LINYU, "先锋村"), "13800000005"),
    Persona("xiaoli", "李明", "小李，王奶奶的邻居，志愿者，有时间也有积分", (*LINYU, "先锋村"), "13800000002"),
    Persona("luren", "路遥", "路人，龙马潭区的居民", ("龙马潭区", "小市街道", "上大街社区"), "13800000003"),
    Persona("chenshegong", "陈晓", "陈社工，邻玉街道社工站", role=RoleKind.SOCIAL_WORKER, where=LINYU),
    Persona("zhaozhanzhang", "赵敏", "赵站长，邻玉街道社工站", role=RoleKind.STATION_HEAD, where=LINYU),
    Persona("zhoushegong", "周洁", "周社工，邻近的蓝田街道社工站", role=RoleKind.SOCIAL_WORKER, where=LANTIAN),
    Persona("sunzhanzhang", "孙立", "孙站长，江阳区总站", role=RoleKind.STATION_HEAD, where=("江阳区",)),
    Persona("qukezhang", "冯涛", "冯科长，江阳区民政干部", role=RoleKind.COUNTY_OFFICER, where=("江阳区",)),
    Persona("shichuzhang", "卫东", "卫处长，市民政干部", role=RoleKind.CITY_OFFICER),
)

# People who come to activities, so that seats are taken and a waiting list forms. They can sign in as well.
NEIGHBOURS = tuple(
    Persona(nickname, name, "先锋村的邻居", (*LINYU, "先锋村"), f"1380000001{number}")
    for number, (nickname, name) in enumerate(
        (
            ("zhangayi", "张桂芳"),
            ("liushu", "刘建国"),
            ("chenpo", "陈秀兰"),
            ("zhoujie", "周德敏"),
            ("luosao", "罗玉珍"),
            ("hedashu", "何大林"),
            ("huangyan", "黄小燕"),  # a volunteer
        )
    )
)

SURNAMES = "陈李张刘杨黄周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许邓韩冯曹彭曾"
GIVEN_NAMES = "静娟敏丽强磊洋艳勇军杰涛超霞平刚桂英华玉萍红娥玲芬燕彬梅琴云"


def staff_name(number: int) -> str:
    """Return the name of a made-up person of a station's staff: another one for each number below 900."""
    return SURNAMES[number % len(SURNAMES)] + GIVEN_NAMES[(number + number // len(SURNAMES)) % len(GIVEN_NAMES)]
