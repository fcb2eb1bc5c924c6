"""Gathers metrics between two publications."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime

from .sink import MOST_VALUES, Datum

#: So many distinct values of one metric are kept in a period; more of them are dropped and counted.
MOST_DISTINCT = 10_000


class Gathered:
    """No clock, no I/O, and nothing in it raises.

    Three shapes, by what a period without an event means. Counters are zeros then: watch their Sum. Values have none:
    watch an average or a percentile. Levels are repeated as last checked, zero until they are first set: watch their
    Maximum.
    """

    def __init__(
        self, counters: Sequence[str] = (), values: Mapping[str, str] | None = None, levels: Sequence[str] = ()
    ) -> None:
        """Takes the names of counters and levels, and the units of values, in CloudWatch's words."""
        self._lock = threading.Lock()
        self._counters: dict[str, float] = dict.fromkeys(counters, 0)
        self._units = dict(values or {})
        self._levels: dict[str, float] = dict.fromkeys(levels, 0)
        self._values: dict[str, dict[float, int]] = {}
        self._lost = 0

    def count(self, name: str, by: float = 1) -> None:
        """Counts an event."""
        with self._lock:
            if _is_finite(by):
                self._counters[name] = self._counters.get(name, 0) + by
            else:
                self._lost += 1

    def observe(self, name: str, value: float) -> None:
        """Notes the value of an event."""
        with self._lock:
            counts = self._values.setdefault(name, {}) if _is_finite(value) else {}
            if not _is_finite(value) or (value not in counts and len(counts) >= MOST_DISTINCT):
                self._lost += 1
                return
            counts[value] = counts.get(value, 0) + 1

    def level(self, name: str, value: float | None) -> None:
        """Sets a level. None: the check could not be made, so nothing may be claimed until it is."""
        with self._lock:
            if value is None or not _is_finite(value):
                self._levels.pop(name, None)
            else:
                self._levels[name] = value

    def declare(self, name: str, unit: str | None = None) -> None:
        """Names a counter, or a value with its unit, that is published from now on: a counter also in silence."""
        with self._lock:
            if unit is None:
                self._counters.setdefault(name, 0)
            else:
                self._units[name] = unit

    def drain(self, at: datetime) -> list[Datum]:
        """All that was gathered since the last call. High resolution: alarm periods of 10 and 30 s need it."""
        with self._lock:
            counters, self._counters = self._counters, dict.fromkeys(self._counters, 0)
            values, self._values = self._values, {}
            levels = dict(self._levels)
        common = {"Timestamp": at, "StorageResolution": 1}
        data: list[Datum] = [
            {"MetricName": name, "Unit": "Count", **common, "Value": value} for name, value in counters.items()
        ]
        for name, counts in values.items():
            distinct = list(counts.items())
            for start in range(0, len(distinct), MOST_VALUES):
                part = distinct[start : start + MOST_VALUES]
                shown = {"Values": [value for value, _ in part], "Counts": [times for _, times in part]}
                data.append({"MetricName": name, "Unit": self._units.get(name, "None"), **common, **shown})
        data += [{"MetricName": name, "Unit": "Count", **common, "Value": value} for name, value in levels.items()]
        return data


def _is_finite(value: object) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
