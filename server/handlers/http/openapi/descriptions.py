"""What the contract says below each field of a shape: read when the document is made, and not at every start."""

import ast
import inspect
import textwrap
from functools import cache
from itertools import pairwise

from miniprogram_contract.base import ContractModel


def sentences(shape: type[ContractModel]) -> dict[str, str]:
    """The sentences below its fields, and below those it inherits, by the fields' names."""
    said: dict[str, str] = {}
    for one in reversed(shape.__mro__):
        if issubclass(one, ContractModel) and not one.__pydantic_generic_metadata__["args"]:
            said |= _own(one)
    return said


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
