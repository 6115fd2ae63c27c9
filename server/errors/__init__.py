"""The whole catalogue of refusals: one file a noun, every class importable from here."""

from server.errors.base import Refusal, catalogue
from server.errors.common import *  # noqa: F403 - the catalogue is meant to be seen whole

__all__ = ["Refusal", "catalogue"]  # noqa: PLE0604 - the stars add theirs
