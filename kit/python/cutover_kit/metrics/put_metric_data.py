"""Publishes by PutMetricData."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..aws import OwnClient
from .sink import Datum, Sink, Unsendable

#: Data of one request: with 150 values each they stay below its limit of 1 MB. Source: PutMetricData.
MOST = 150

#: How long a request may take, in seconds.
TIMEOUT = 5

#: Whether the same data would be refused again; whom it was refused for want of a permission may get that.
_REFUSED = re.compile(r"Invalid(Parameter|Format)|MissingRequired|MissingParameter")


class _PutMetricData(Sink):
    def __init__(self, namespace: str, client: Any) -> None:
        self._namespace = namespace
        self._client = client
        self._own = OwnClient("cloudwatch")
        #: What of the period under way has been sent already: a second try must not count it twice.
        self._under_way: Sequence[Datum] = ()
        self._sent = 0

    def send(self, data: Sequence[Datum]) -> None:
        client = self._client or self._own.get(TIMEOUT)
        if self._under_way is not data:
            self._under_way, self._sent = data, 0
        while self._sent < len(data):
            part = list(data[self._sent : self._sent + MOST])
            try:
                client.put_metric_data(Namespace=self._namespace, MetricData=part)
            except Exception as error:
                response = getattr(error, "response", None)
                code = str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""
                if _REFUSED.match(code) or type(error).__name__ == "ParamValidationError":
                    raise Unsendable(f"CloudWatch refuses the data: {code or type(error).__name__}") from error
                raise
            self._sent += MOST

    def forked(self) -> None:
        self._own.forked()


def put_metric_data(namespace: str, client: Any = None) -> Sink:
    """Publishes by PutMetricData. It needs boto3, which is loaded when it first sends.

    The app needs the permission cloudwatch:PutMetricData.

    :param client: boto3's client of cloudwatch; by default one of the environment's region and credentials
    """
    return _PutMetricData(namespace, client)
