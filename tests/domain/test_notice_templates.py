"""Every notice has one declared text: complete, plain, used, and known to the mini-program."""

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

import server.domain
from miniprogram_contract.base import ReferenceKind
from miniprogram_contract.notifications import NotificationTemplate
from server.domain import notifications
from server.domain.notifications import NoticeTemplate
from server.models import SubjectKind

for _module in pkgutil.walk_packages(server.domain.__path__, "server.domain."):
    importlib.import_module(_module.name)

TEMPLATES = list(notifications.all_templates().values())
# A field is filled with no words of a need and no name, phone or place of a person.
FIELDS = {
    "activity", "appeal", "changes", "count", "day", "gaps", "goods", "hours", "minutes", "next_step", "place", "points", "reason", "spendable",
    "station", "until", "when", "year", "years",
}  # fmt: skip
# Functions that notify people of an activity fill in its title; those of a duty shift, its place and time.
FILLED = {"activity"}
FILLED_OF_DUTY = {"place", "when"}
TREES = [ast.parse(path.read_text(encoding="utf-8")) for path in Path("server/domain").rglob("*.py")]
NODES = [node for tree in TREES for node in ast.walk(tree)]


def constants() -> dict[str, str]:
    """The key of each template, by the name of its constant."""
    return {
        target.id: node.value.args[0].value
        for node in NODES
        if isinstance(node, ast.Assign) and is_template(node.value)
        for target in node.targets
    }


def is_template(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and name_of(node.func) == "NoticeTemplate"


def name_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute):
        # A member of an enum may have a template's name.
        of_class = isinstance(node.value, ast.Name) and node.value.id[0].isupper()
        return None if of_class else node.attr
    return node.id if isinstance(node, ast.Name) else None


def test_mini_program_knows_every_template():
    assert set(notifications.all_templates()) == {member.value for member in NotificationTemplate}


def test_mini_program_knows_every_subject():
    assert {member.value for member in SubjectKind} <= {member.value for member in ReferenceKind}


def test_every_template_is_a_named_constant():
    assert sorted(constants().values()) == sorted(notifications.all_templates())


def test_every_template_is_used():
    used = {name_of(node) for node in NODES if isinstance(getattr(node, "ctx", None), ast.Load)}

    assert set(constants()) - used == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)
def test_template_renders_to_whole_sentences_without_personal_details(template):
    title, body = template.render(**dict.fromkeys(template.fields, "某事"))

    assert template.fields <= FIELDS
    assert (len(title) <= 20, title[-1] not in "。，：；", body[-1]) == (True, True, "。")
    assert "{" not in title + body


def test_every_call_fills_the_fields_of_its_template():
    names, templates = constants(), notifications.all_templates()
    for node in NODES:
        for argument in node.args if isinstance(node, ast.Call) else []:
            if (key := names.get(name_of(argument) or "")) is not None:
                given = {keyword.arg for keyword in node.keywords}
                # What is spread (None) is seen only when the verb runs.
                filled = FILLED_OF_DUTY if key.startswith("duty_") else FILLED
                assert templates[key].fields - filled <= given or None in given, key
                assert given - templates[key].fields <= {
                    None,
                    "subject_id",
                    "but",
                    "by",
                    "once",
                    "except_for",
                    "people",
                    "now",
                }, key


@pytest.fixture
def template():
    made = NoticeTemplate("test_template", title="{station}的通知", body="原因：{reason}。请查看。", opens="need")
    yield made
    del notifications._templates["test_template"]


@pytest.mark.parametrize("values", [{}, {"station": "邻玉社工站"}, {"station": "", "reason": "", "other": ""}])
def test_missing_or_unknown_field_is_refused(template, values):
    with pytest.raises(ValueError, match="has the fields"):
        template.render(**values)


def test_full_stop_of_a_reason_is_not_doubled(template):
    title, body = template.render(station="邻玉社工站", reason="下雨。")

    assert (title, body) == ("邻玉社工站的通知", "原因：下雨。请查看。")


def test_key_is_registered_once(template):
    with pytest.raises(ValueError, match="two templates"):
        NoticeTemplate("test_template", title="通知", body="请查看。")


def test_unknown_subject_is_refused():
    with pytest.raises(ValueError, match="moon"):
        NoticeTemplate("test_moon", title="通知", body="请查看。", opens="moon")

    assert "test_moon" not in notifications.all_templates()
