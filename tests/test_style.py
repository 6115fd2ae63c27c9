"""The repository's writing rules: plain docstrings, test names, file names, and sizes."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
MOST_README_LINES, MOST_FUNCTION_LINES, MOST_FILE_LINES = 130, 40, 400

# A docstring begins with a verb or names its subject. These words begin a clause without a main sentence.
HEADLESS = re.compile(r"(Who|Whoever|Whom|Whose|Of|What|Whatever|Nobody|Somebody|Else|From here|So (long|many|much))\b")
ODD_WORDS = re.compile(
    r"\b(anew|thereof|in vain|whoever|whomever|(the|this) house|one's|chores?|by and by|wherefrom|likeness(es)?)\b",
    re.IGNORECASE,
)
# A test's name says subject, condition and result.
RIDDLE = re.compile(r"test_(who|whoever|whom|whose|of|what|nobody|somebody|one|it|else)_")
ASSERTING_CALL = re.compile(r"assert|raises|expect|check|verify|must|refus|hold|run_state_machine|wins|served|kept")
# File names of an earlier vocabulary, each replaced by the standard word for its role.
OLD_FILE_NAMES = {
    *("answering", "begun", "buttons", "ceasing", "chores", "dated", "finding", "following", "gaps", "likeness"),
    *("locked", "looks", "moves", "own", "seen", "showing", "shown", "standing", "telling", "wanted", "watching"),
    *("ways", "who"),
}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Source(NamedTuple):
    name: str
    lines: int
    tree: ast.Module

    @property
    def is_test(self) -> bool:
        return self.name.startswith("tests/")

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, FUNCTIONS))

    def tests(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in self.functions() if self.is_test and node.name.startswith("test_"))


@cache
def sources() -> list[Source]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in listed.stdout.splitlines() if (ROOT / name).is_file() and "/migrations/" not in name]
    return [Source(name, text.count("\n"), ast.parse(text)) for name in names if (text := _text(name)) is not None]


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_docstrings_are_plain_sentences():
    found = [
        f"{source.name}:{getattr(node, 'lineno', 1)}: {words.splitlines()[0]}"
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, DOCUMENTED) and (words := ast.get_docstring(node))
        if HEADLESS.match(words) or ODD_WORDS.search(words)
    ]

    assert found == [], "begin with a verb or the subject, and use standard words"


def test_test_names_say_subject_condition_and_result():
    found = [
        f"{source.name}: {test.name}" for source in sources() for test in source.tests() if RIDDLE.match(test.name)
    ]

    assert found == []


def test_every_test_asserts_something():
    found = [
        f"{source.name}: {test.name}"
        for source in sources()
        for test in source.tests()
        if not any(map(_asserts, ast.walk(test)))
    ]

    assert found == []


def _asserts(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return bool(ASSERTING_CALL.search(name))
    return isinstance(node, ast.Assert)


def test_files_have_the_standard_names_of_their_roles():
    server = [source.name for source in sources() if source.name.startswith("server/")]

    assert [name for name in server if Path(name).stem in OLD_FILE_NAMES] == []


def test_functions_and_files_are_short():
    code = [source for source in sources() if not source.is_test]
    long_functions = [
        f"{source.name}: {node.name}"
        for source in code
        for node in source.functions()
        if node.end_lineno is not None and node.end_lineno - node.lineno >= MOST_FUNCTION_LINES
    ]

    assert long_functions == []
    assert [source.name for source in code if source.lines > MOST_FILE_LINES] == []


def test_readme_is_short():
    assert _text("README.md").count("\n") <= MOST_README_LINES


def test_contract_has_no_method_that_a_mini_program_cannot_send():
    paths = json.loads(_text("miniprogram_contract/openapi.json"))["paths"]

    assert {method for operations in paths.values() for method in operations} <= {"get", "post", "put", "delete"}
