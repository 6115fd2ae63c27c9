"""Questions that are asked at booking, and the check of the answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.errors import InvalidAnswers

LONGEST_ANSWER = 200
BIGGEST_NUMBER = 1_000_000

TEXT, NUMBER, YES_NO, CHOICE = "text", "number", "yes_no", "choice"


def check_answers(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers to store, in the order of the questions, without empty optional ones.

    Raises InvalidAnswers with every answer that is missing, of the wrong kind, or without a question.
    """
    asked = {question["name"]: question for question in questions}
    wrong = {name: "没有这个问题" for name in answers if name not in asked}
    checked: dict[str, Any] = {}
    for name, question in asked.items():
        answer = _trimmed(answers.get(name))
        problem = _problem(question, answer)
        if problem:
            wrong[name] = problem
        elif answer is not None:
            checked[name] = answer
    if wrong:
        raise InvalidAnswers(fields=[{"field": f"body.answers.{name}", "problem": why} for name, why in wrong.items()])
    return checked


def _trimmed(answer: Any) -> Any:
    """Strip spaces; a text of spaces only is no answer."""
    return (answer.strip() or None) if isinstance(answer, str) else answer


def _problem(question: Mapping[str, Any], answer: Any) -> str:
    if answer is None:
        return "必须回答" if question["required"] else ""
    return _KINDS[question["kind"]](question, answer)


def _text(_: Mapping[str, Any], answer: Any) -> str:
    fits = isinstance(answer, str) and len(answer) <= LONGEST_ANSWER
    return "" if fits else f"应为不超过{LONGEST_ANSWER}个字的文字"


def _number(_: Mapping[str, Any], answer: Any) -> str:
    # In Python, True is an int.
    fits = isinstance(answer, int) and not isinstance(answer, bool) and 0 <= answer <= BIGGEST_NUMBER
    return "" if fits else f"应为0到{BIGGEST_NUMBER}的整数"


def _yes_no(_: Mapping[str, Any], answer: Any) -> str:
    return "" if isinstance(answer, bool) else "请选择是或否"


def _choice(question: Mapping[str, Any], answer: Any) -> str:
    return "" if answer in question["options"] else "请从选项中选择：" + "、".join(question["options"])


_KINDS = {TEXT: _text, NUMBER: _number, YES_NO: _yes_no, CHOICE: _choice}
