"""Read an edition's CSV line by line; every wrong line is named and nothing is guessed."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple, TextIO

from server.domain.areas.names import is_dissolved
from server.errors import InvalidAreaFile
from server.models import AreaLevel

LEVELS = list(AreaLevel)
LEVEL_OF_DIGITS = dict(zip((2, 4, 6, 9, 12), LEVELS, strict=True))
LEVEL_OF_WORD = {level.value: level for level in LEVELS} | {"village": AreaLevel.COMMUNITY}
COLUMNS = ("code", "name", "level", "parent_code", "predecessors", "aliases")
MOST_PROBLEMS = 100
MOST_LINES = 2_000_000
MOST_NAME = 100
MOST_LISTED = 500
# The Chinese characters of these planes are good whether or not this Python's tables know them yet.
_RARE = range(0x20000, 0x40000)


class Line(NamedTuple):
    """A line of the file, with its cells trimmed."""

    number: int
    code: str
    name: str
    level: str
    parent_code: str
    predecessors: str
    aliases: str

    def level_meant(self) -> AreaLevel | None:
        """Return the level the line names, or else the level of a code of its length."""
        return LEVEL_OF_WORD.get(self.level) if self.level else LEVEL_OF_DIGITS.get(len(self.code))


class Parent(NamedTuple):
    """The parent of an area: a line of the file or, with an `area_id`, an existing area."""

    level: AreaLevel
    line: int | None = None
    area_id: int | None = None
    dissolved: bool = False


class Checked(NamedTuple):
    """A correct line with its level and its parent (None: it is at the top)."""

    line: Line
    level: AreaLevel
    parent: Parent | None


@dataclass
class Problems:
    """The wrong lines of a file, up to a hundred."""

    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, problem: str) -> None:
        """Note a wrong line. Raises `InvalidAreaFile` if there are too many to be useful."""
        if len(self.found) == MOST_PROBLEMS:
            raise self._refusal(more=True)
        self.found.append((line, problem))

    def refuse_if_any(self) -> None:
        """Raise `InvalidAreaFile` if a line is wrong."""
        if self.found:
            raise self._refusal(more=False)

    def _refusal(self, *, more: bool) -> InvalidAreaFile:
        lines = [{"line": line, "problem": problem} for line, problem in sorted(self.found)]
        return InvalidAreaFile(lines=lines, more=more)


def lines_of(opened: TextIO, problems: Problems) -> Iterator[Line]:
    """Return the lines of a file that are not empty."""
    reader = csv.reader(opened, strict=True)
    try:
        names = _columns(next(reader, []), problems)
        # A column the file does not have is the empty cell appended to each line.
        in_order = itemgetter(*(names.index(column) if column in names else -1 for column in COLUMNS))
        for cells in reader:
            if len(cells) != len(names) and cells:
                problems.add(reader.line_num, f"应有 {len(names)} 列，实有 {len(cells)} 列")
            elif any(cells):
                yield Line(reader.line_num, *map(str.strip, in_order([*cells, ""])))
            if reader.line_num > MOST_LINES:
                problems.add(reader.line_num, f"文件不能超过 {MOST_LINES} 行")
                return
    except csv.Error as error:
        problems.add(reader.line_num, f"不是正确的 csv：{error}")
    except UnicodeDecodeError:
        problems.add(reader.line_num + 1, "不是 UTF-8 编码")


def _columns(header: list[str], problems: Problems) -> list[str]:
    names = [name.lstrip("\ufeff").strip() for name in header]
    wrong = [name for name in names if name not in COLUMNS]
    if wrong or not {"code", "name"} <= set(names) or len(set(names)) < len(names):
        problems.add(1, f"第一行应为列名 code,name，可加 {','.join(COLUMNS[2:])}")
        problems.refuse_if_any()
    return names


class Outline:
    """The facts of the whole file that single lines are checked against: possible parents, and codes that recur."""

    def __init__(self, open_file: Callable[[], TextIO], known: dict[str, Parent]) -> None:
        self._parents = dict(known)
        codes: list[int] = []
        with open_file() as opened:
            # Wrong lines are named when the file is read again.
            for line in lines_of(opened, Problems()):
                level = line.level_meant()
                if level and level != AreaLevel.COMMUNITY:
                    self._parents[line.code] = Parent(level, line=line.number, dissolved=is_dissolved(line.name))
                if line.code.isdecimal():
                    codes.append(int(f"1{line.code}"))
        codes.sort()
        self._twice = {str(code)[1:] for code, following in pairwise(codes) if code == following}

    def check(self, line: Line, problems: Problems) -> Checked | None:
        """Return the line with level and parent, or None and a noted problem if it is wrong."""
        level = line.level_meant()
        problem = _problem_of_code(line) or _problem_of_texts(line)
        if level is None:
            problem = problem or f"级别“{line.level[:20]}”不认识"
        elif line.code in self._twice:
            problem = problem or f"代码 {line.code} 重复"
        if problem is None and level is not None:
            found = self._parent(line, level)
            if not isinstance(found, str):
                return Checked(line, level, found)
            problem = found
        problems.add(line.number, problem or "")
        return None

    def _parent(self, line: Line, level: AreaLevel) -> Parent | str | None:
        code = line.parent_code or self._longest_prefix(line.code)
        if not code:
            return None if level == AreaLevel.PROVINCE else f"找不到 {line.code} 的上级"
        parent = self._parents.get(code)
        if parent is None:
            return f"上级代码 {code[:20]} 不存在"
        if parent.dissolved:
            return f"上级 {code} 已撤销"
        if LEVELS.index(parent.level) >= LEVELS.index(level):
            return f"上级 {code} 的级别不高于本级"
        return parent

    def _longest_prefix(self, code: str) -> str:
        prefixes = (code[:digits] for digits in sorted(LEVEL_OF_DIGITS, reverse=True) if digits < len(code))
        return next((prefix for prefix in prefixes if prefix in self._parents), "")


def _problem_of_code(line: Line) -> str | None:
    if not _is_code(line.code):
        return f"代码“{line.code[:20]}”应为 2、4、6、9 或 12 位数字"
    for code in split(line.predecessors):
        if not _is_code(code):
            return f"前身代码“{code[:20]}”应为 2、4、6、9 或 12 位数字"
    return None


def _problem_of_texts(line: Line) -> str | None:
    if not line.name:
        return "没有名称"
    for name in (line.name, *split(line.aliases)):
        if len(name) > MOST_NAME:
            return f"名称超过 {MOST_NAME} 个字"
        if not _is_plain(name):
            return "名称含有不能使用的字符"
    if max(len(line.predecessors), len(line.aliases)) > MOST_LISTED:
        return f"前身代码或别名超过 {MOST_LISTED} 个字"
    return None


def split(listed: str) -> list[str]:
    """Return the texts of a cell that lists several, separated by `;`."""
    return [one.strip() for one in listed.split(";") if one.strip()] if listed else []


def _is_code(text: str) -> bool:
    return len(text) in LEVEL_OF_DIGITS and text.isascii() and text.isdecimal()


def _is_plain(name: str) -> bool:
    if name.isprintable():
        return " " not in name and "\ufffd" not in name
    return all(one.isprintable() or ord(one) in _RARE for one in name) and " " not in name
