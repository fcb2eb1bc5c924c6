"""Flags that stand in the app's code."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..declare import Declarations, FlagValue
from .source import Reading, Source


class _InCode(Source):
    name = "code"
    once = True

    def __init__(self, values: Mapping[str, FlagValue]) -> None:
        self._text = json.dumps(dict(values))

    def read(self, declared: Declarations, timeout: float) -> Reading:
        return Reading(self._text, "code")


def in_code(values: Mapping[str, FlagValue]) -> Source:
    """Flags that stand in the app's code: after a rollout's end, and in the app's own tests. What is left out is off."""
    return _InCode(values)
