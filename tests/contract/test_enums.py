"""A closed set has the same values in the contract and behind it, and every value has its words."""

import importlib
import pkgutil
from collections.abc import Iterator
from enum import Enum
from types import ModuleType

import pytest

import miniprogram_contract
import server.domain
import server.models

# Words of a part of a set: who gives and who receives is said of two kinds of entries alone.
OF_A_PART = {"GIVER_WORDS"}


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def enums(package: ModuleType) -> dict[str, type[Enum]]:
    """Return the enums that modules of the package define."""
    return {
        name: one
        for module in modules(package)
        for name, one in vars(module).items()
        if isinstance(one, type) and issubclass(one, Enum) and one.__module__ == module.__name__
    }


CONTRACT, BEHIND = enums(miniprogram_contract), enums(server.models) | enums(server.domain)
# Those that are called otherwise behind it.
OTHER_NAMES = {
    "ActivityPhase": "Phase",
    "CertificateStatus": "Validity",
    "OmittedPart": "Omission",
}
PAIRS = {name: name for name in sorted(CONTRACT.keys() & BEHIND.keys())} | OTHER_NAMES
WORDS = {
    f"{module.__name__}.{name}": words
    for module in modules(miniprogram_contract)
    for name, words in vars(module).items()
    if name.endswith("_WORDS") and isinstance(words, dict) and name not in OF_A_PART
}


def values(enum: type[Enum]) -> set[str]:
    return {one.value for one in enum}


@pytest.mark.parametrize(("contract", "behind"), PAIRS.items(), ids=PAIRS)
def test_contract_knows_the_values_behind_it(contract: str, behind: str):
    assert values(CONTRACT[contract]) == values(BEHIND[behind])


@pytest.mark.parametrize("name", WORDS)
def test_every_value_has_its_words(name: str):
    assert set(WORDS[name]) in [values(enum) for enum in CONTRACT.values()]
