"""What one metric has to say of one period, and where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

#: A datum in the shape that PutMetricData takes.
Datum: TypeAlias = dict[str, Any]

#: CloudWatch's limit on distinct values in one datum. Source: PutMetricData.
MOST_VALUES = 150


class Sink:
    """Where data go. One file for each."""

    def send(self, data: Sequence[Datum]) -> None:
        """Sends the data of one period, all or none.

        Raises where that was not possible; it is tried again then, unless it raises `Unsendable`.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Ends what it holds."""

    def forked(self) -> None:
        """This process was forked off the one that sent so far, to which open connections go on belonging."""


class Unsendable(Exception):
    """Data that will never be taken: trying again would hold up those behind them."""
