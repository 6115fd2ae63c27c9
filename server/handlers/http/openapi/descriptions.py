"""Field descriptions that are written as docstrings below the fields, read from the source of the contract."""

import ast
import inspect
import textwrap
from functools import cache
from itertools import pairwise

from miniprogram_contract.base import ContractModel


def sentences(shape: type[ContractModel]) -> dict[str, str]:
    """Return the docstrings below the fields of a type, with inherited ones, by the names of the fields."""
    texts: dict[str, str] = {}
    for one in reversed(shape.__mro__):
        if issubclass(one, ContractModel) and not one.__pydantic_generic_metadata__["args"]:
            texts |= _own(one)
    return texts


@cache
def _own(shape: type[ContractModel]) -> dict[str, str]:
    [declared] = ast.parse(textwrap.dedent(inspect.getsource(shape))).body
    assert isinstance(declared, ast.ClassDef)
    return {
        field.target.id: inspect.cleandoc(below.value.value)
        for field, below in pairwise(declared.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }
