"""The check of answers to an activity's questions."""

import pytest

from server.domain.activities.questions import BIGGEST_NUMBER, check_answers
from server.errors import InvalidAnswers


def question(name, kind="text", *, required=False, options=()):
    return {"name": name, "label": name, "kind": kind, "options": list(options), "required": required}


FORM = [
    question("shirt", "choice", options=["大号", "小号"], required=True),
    question("breakfast", "yes_no", required=True),
    question("grandchildren", "number"),
    question("wishes"),
]


def wrong(questions, answers):
    with pytest.raises(InvalidAnswers) as refused:
        check_answers(questions, answers)
    return {one["field"]: one["problem"] for one in refused.value.details["fields"]}


def test_right_answers_are_stored_in_the_order_of_the_questions():
    said = {"wishes": " 靠窗 ", "grandchildren": 0, "breakfast": False, "shirt": "小号"}

    kept = check_answers(FORM, said)

    assert list(kept.items()) == [("shirt", "小号"), ("breakfast", False), ("grandchildren", 0), ("wishes", "靠窗")]


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_optional_question_may_stay_empty(empty):
    assert check_answers(FORM, {"shirt": "大号", "breakfast": True, "wishes": empty}) == {
        "shirt": "大号",
        "breakfast": True,
    }


def test_activity_without_questions_stores_no_answers():
    assert check_answers([], {}) == {}


def test_every_wrong_answer_is_named_at_once():
    problems = wrong(FORM, {"shirt": "中号", "grandchildren": "三个", "phone": "13812345678"})

    assert problems == {
        "body.answers.shirt": "请从选项中选择：大号、小号",
        "body.answers.breakfast": "必须回答",
        "body.answers.grandchildren": f"应为0到{BIGGEST_NUMBER}的整数",
        "body.answers.phone": "没有这个问题",
    }


@pytest.mark.parametrize("empty", [None, "", " \n"])
def test_spaces_do_not_answer_a_required_question(empty):
    assert wrong([question("name", required=True)], {"name": empty}) == {"body.answers.name": "必须回答"}


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("text", 3),
        ("text", "长" * 201),
        ("text", ["靠窗"]),
        ("number", True),
        ("number", -1),
        ("number", BIGGEST_NUMBER + 1),
        ("number", 1.5),
        ("yes_no", 1),
        ("yes_no", "是"),
        ("choice", True),
        ("choice", "都行"),
    ],
)
def test_answer_of_another_kind_is_refused(kind, answer):
    options = ["好", "不好"] if kind == "choice" else []

    assert list(wrong([question("q", kind, options=options)], {"q": answer})) == ["body.answers.q"]


@pytest.mark.parametrize(
    ("kind", "answer"), [("text", "长" * 200), ("number", BIGGEST_NUMBER), ("yes_no", True), ("choice", "好")]
)
def test_answer_at_the_limit_is_accepted(kind, answer):
    options = ["好", "不好"] if kind == "choice" else []

    assert check_answers([question("q", kind, options=options)], {"q": answer}) == {"q": answer}
