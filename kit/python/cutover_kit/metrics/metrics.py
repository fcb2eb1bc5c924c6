"""Gathers metrics, and publishes them each second."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from .gather import Gathered
from .signal import Signal
from .sink import Datum, Sink, Unsendable

#: A period, in seconds: rows are judged by the second.
PERIOD = 1.0
#: Periods kept while the service does not answer: five minutes of them.
MOST_WAITING = 300

_log = logging.getLogger("cutover_kit.metrics")


class Metrics(Gathered):
    """Published each second, in silence as zeros. See `open_metrics`.

    What cannot be sent waits, under the time at which it was gathered: an outage of CloudWatch must not swallow the errors
    that fell into it. Nothing here raises into the app.
    """

    def __init__(
        self,
        sink: Sink,
        counters: Sequence[str] = (),
        values: Mapping[str, str] | None = None,
        levels: Sequence[str] = (),
        dimensions: Mapping[str, str] | None = None,
    ) -> None:
        """Opens nothing yet. Rows have no dimensions, and neither has what is published by default."""
        super().__init__(counters, values, levels)
        self._sink = sink
        self._dimensions = [{"Name": name, "Value": value} for name, value in (dimensions or {}).items()]
        self._waiting: deque[list[Datum]] = deque()
        self._dropped = 0
        self._problem: str | None = None
        self._sending = threading.Lock()
        self._ended = threading.Event()
        self._period = PERIOD

    def signal(
        self, name: str, *, requests: str | None = None, errors: str | None = None, latency: str | bool = True
    ) -> Signal:
        """Watches a handler: its requests, errors and latency, under names that begin with this one.

        :param requests: another name, where a row knows it by that; likewise `errors` and `latency`
        :param latency: False for none
        """
        return Signal(self, name, requests, errors, latency)

    def publish(self) -> None:
        """Publishes what was gathered, and what waits. Never raises."""
        self._gather()
        self._send()

    def status(self) -> dict[str, Any]:
        """What became of them so far: periods that wait, what was dropped, and why nothing could be sent last time."""
        status: dict[str, Any] = {"waiting": len(self._waiting), "dropped": self._lost + self._dropped}
        return status if self._problem is None else {**status, "problem": self._problem}

    def start(self, period: float = PERIOD) -> Metrics:
        """Publishes every period, from now on, in threads of its own: a slow service holds up no gathering."""
        self._period = period
        self._spawn()
        me = weakref.ref(self)
        if hasattr(os, "register_at_fork"):
            # Threads do not live on in a forked worker: it would publish nothing.
            os.register_at_fork(after_in_child=lambda: _forked(me()))
        return self

    def stop(self) -> None:
        """Ends, after a last publication. Call it before the process exits: the last requests are told by it."""
        self._ended.set()
        self.publish()
        self._sink.close()

    def _spawn(self) -> None:
        self._gathered = threading.Event()
        for name, work in (("gather", self._gathering), ("send", self._sends)):
            threading.Thread(target=work, name=f"cutover-metrics-{name}", daemon=True).start()

    def _gathering(self) -> None:
        ended, gathered = self._ended, self._gathered
        while not ended.wait(self._period):
            self._gather()
            gathered.set()
        gathered.set()

    def _sends(self) -> None:
        ended, gathered = self._ended, self._gathered
        while not ended.is_set():
            gathered.wait()
            gathered.clear()
            if not ended.is_set():
                self._send()

    def _gather(self) -> None:
        data = self.drain(datetime.now(timezone.utc))
        if not data:
            return
        if self._dimensions:
            data = [{**datum, "Dimensions": self._dimensions} for datum in data]
        self._waiting.append(data)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self._dropped += 1
            if self._dropped == 1:
                _log.warning("a period could not be sent for too long, and is dropped")

    def _send(self) -> None:
        with self._sending:
            while self._waiting:
                data = self._waiting[0]
                try:
                    self._sink.send(data)
                    self._note(None)
                except Exception as error:  # noqa: BLE001  (whatever is wrong with a service, the app goes on)
                    self._note(f"{type(error).__name__}: {error}")
                    if not isinstance(error, Unsendable):
                        return
                    self._dropped += 1
                # It may have been dropped meanwhile, being the oldest.
                if self._waiting and self._waiting[0] is data:
                    self._waiting.popleft()

    def _note(self, problem: str | None) -> None:
        if problem != self._problem:
            self._problem = problem
            _log.warning("%s", problem or "can be sent again")


def open_metrics(
    sink: Sink,
    *,
    counters: Sequence[str] = (),
    values: Mapping[str, str] | None = None,
    levels: Sequence[str] = (),
    dimensions: Mapping[str, str] | None = None,
    period: float = PERIOD,
) -> Metrics:
    """Opens metrics, and publishes them every period, in seconds."""
    return Metrics(sink, counters, values, levels, dimensions).start(period)


def _forked(metrics: Metrics | None) -> None:
    if metrics is None or metrics._ended.is_set():
        return
    # Locks that a thread of the parent held would never be given back, and what was gathered so far is the parent's to
    # send.
    metrics._lock, metrics._sending = threading.Lock(), threading.Lock()
    metrics._waiting, metrics._ended = deque(), threading.Event()
    metrics.drain(datetime.now(timezone.utc))
    metrics._sink.forked()
    metrics._spawn()
