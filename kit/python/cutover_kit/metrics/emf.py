"""Publishes as lines of the embedded metric format."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from .sink import Datum, Sink

#: The most metrics of one document, and the most values of one metric. Source: the EMF specification.
MOST = 100

#: How long the agent is waited for, in seconds.
AGENT = 5.0


class _Stdout(Sink):
    def __init__(self, namespace: str, log_group: str | None) -> None:
        self._where = (namespace, log_group)

    def send(self, data: Sequence[Datum]) -> None:
        sys.stdout.write("".join(f"{line}\n" for line in emf_lines(data, *self._where)))
        sys.stdout.flush()


class _Agent(Sink):
    """A connection to the agent, opened anew where it broke."""

    def __init__(self, namespace: str, log_group: str | None, address: str) -> None:
        self._where = (namespace, log_group)
        parts = urlsplit(address)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 25888)
        self._socket: socket.socket | None = None

    def send(self, data: Sequence[Datum]) -> None:
        text = "".join(f"{line}\n" for line in emf_lines(data, *self._where))
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, timeout=AGENT)
            self._socket.sendall(text.encode())
        except OSError:
            self.close()
            raise

    def forked(self) -> None:
        # Lines of two processes would get mixed up. What is closed here stays open there.
        self.close()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def emf(namespace: str, log_group: str | None = None, agent: str | None = None) -> Sink:
    """Publishes to stdout, from where Lambda and ECS carry lines to CloudWatch Logs, or to the CloudWatch agent.

    :param log_group: the log group, which the agent needs; stdout has one already
    :param agent: the agent's address, such as tcp://127.0.0.1:25888
    """
    return _Stdout(namespace, log_group) if agent is None else _Agent(namespace, log_group, agent)


def emf_lines(data: Sequence[Datum], namespace: str, log_group: str | None = None) -> list[str]:
    """The documents, one a line, of the data of one period. Pure."""
    lines: list[str] = []
    group: dict[str, tuple[Datum, list[float]]] = {}
    for datum in data:
        numbers = _numbers_of(datum)
        for start in range(0, len(numbers), MOST):
            # A document has one value for each name.
            if len(group) >= MOST or datum["MetricName"] in group:
                lines.append(_line_of(group, namespace, log_group))
                group = {}
            group[datum["MetricName"]] = (datum, numbers[start : start + MOST])
    if group:
        lines.append(_line_of(group, namespace, log_group))
    return lines


def _numbers_of(datum: Datum) -> list[float]:
    if "Value" in datum:
        return [datum["Value"]]
    return [value for value, times in zip(datum["Values"], datum["Counts"], strict=True) for _ in range(times)]


def _line_of(group: dict[str, tuple[Datum, list[float]]], namespace: str, log_group: str | None) -> str:
    first = next(iter(group.values()))[0]
    dimensions = first.get("Dimensions", [])
    about: dict[str, Any] = {"Timestamp": round(first["Timestamp"].timestamp() * 1_000)}
    if log_group is not None:
        about["LogGroupName"] = log_group
    metrics = [
        {"Name": name, "Unit": datum["Unit"], "StorageResolution": datum["StorageResolution"]}
        for name, (datum, _) in group.items()
    ]
    names = [one["Name"] for one in dimensions]
    about["CloudWatchMetrics"] = [{"Namespace": namespace, "Dimensions": [names], "Metrics": metrics}]
    values = {name: numbers[0] if len(numbers) == 1 else numbers for name, (_, numbers) in group.items()}
    return json.dumps({"_aws": about, **{one["Name"]: one["Value"] for one in dimensions}, **values})
