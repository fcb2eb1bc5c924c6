"""What a handler does, as three metrics."""

from __future__ import annotations

import time
from types import TracebackType

from .gather import Gathered


class Watched:
    """A request under way. What is raised in it reaches the caller as it is, and counts as an error."""

    __slots__ = ("_began", "_failed", "_signal")

    def __init__(self, signal: Signal) -> None:
        """See `Signal.watch`."""
        self._signal = signal
        self._failed = False
        self._began = 0.0

    def failed(self) -> None:
        """Counts this request as an error, such as an answer with a status of 500."""
        self._failed = True

    def __enter__(self) -> Watched:
        """Begins."""
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends, and counts."""
        self._signal.done(self._began, self._failed or kind is not None)


class Signal:
    """Requests and errors, which are zeros in silence, and latency in ms. See `Metrics.signal`."""

    def __init__(
        self, metrics: Gathered, name: str, requests: str | None, errors: str | None, latency: str | bool
    ) -> None:
        """Takes names where they are not the signal's own name with `Requests`, `Errors` or `LatencyMs` behind it."""
        self._metrics = metrics
        self._requests = requests or f"{name}Requests"
        self._errors = errors or f"{name}Errors"
        self._latency = (f"{name}LatencyMs" if latency is True else latency) or None
        metrics.declare(self._requests)
        metrics.declare(self._errors)
        if self._latency:
            metrics.declare(self._latency, "Milliseconds")

    def watch(self) -> Watched:
        """`with search.watch(): …`, in functions and in coroutines."""
        return Watched(self)

    def done(self, began: float, failed: bool) -> None:
        """Counts a request that is over, and that began so by `time.perf_counter`."""
        self._metrics.count(self._requests)
        if failed:
            self._metrics.count(self._errors)
        if self._latency:
            # Whole milliseconds: CloudWatch takes few distinct values at a time.
            self._metrics.observe(self._latency, round((time.perf_counter() - began) * 1_000))
