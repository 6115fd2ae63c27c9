"""Two rules about handlers that import rules cannot express: they hold no queries, and they do not call each other."""

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from tortoise.models import Model

from server import handlers
from server.handlers.http.endpoint import ENDPOINTS

MODULES = [module.name for module in pkgutil.walk_packages(handlers.__path__, f"{handlers.__name__}.")]


@pytest.mark.parametrize("name", MODULES)
def test_handlers_hold_no_queries(name: str):
    module = import_module(name)
    queries = [
        ast.unparse(call)
        for call in _calls_of(module)
        if isinstance(call.func, ast.Attribute) and _is_model(_value_of(call.func.value, module))
    ]

    assert not queries, "move each query to the domain"


@pytest.mark.parametrize("name", MODULES)
def test_handlers_call_no_other_endpoint(name: str):
    module = import_module(name)
    endpoints = [declared.handler for declared in ENDPOINTS]
    called = [ast.unparse(call) for call in _calls_of(module) if _value_of(call.func, module) in endpoints]

    assert not called, "call the domain and a serializer instead"


def _calls_of(module: ModuleType) -> Iterator[ast.Call]:
    tree = ast.parse(inspect.getsource(module))
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _value_of(expression: ast.expr, module: ModuleType) -> Any:
    """Return the module's value behind `name` or `name.attribute`, else None."""
    match expression:
        case ast.Name(name):
            return getattr(module, name, None)
        case ast.Attribute(ast.Name(name), attribute):
            return getattr(getattr(module, name, None), attribute, None)
    return None


def _is_model(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Model)
