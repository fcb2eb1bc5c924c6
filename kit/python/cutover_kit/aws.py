"""A client of AWS that the kit makes for itself."""

from __future__ import annotations

import os
from typing import Any


class OwnClient:
    """Made when it is first needed: only who uses it has to have boto3."""

    def __init__(self, service: str) -> None:
        """Takes boto3's name of the service."""
        self._service = service
        self._client: Any = None
        self._inherited: list[Any] = []

    def get(self, timeout: float) -> Any:
        """One of the environment's region and credentials, whose requests take no longer than so many seconds each."""
        if self._client is None:
            import boto3  # noqa: PLC0415  (only who uses it has to have it)
            from botocore.config import Config  # noqa: PLC0415

            # What fails is tried again later: retries of the client's own would stand in the way.
            config = Config(connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": 1})
            # boto3 reads AWS_DEFAULT_REGION alone, every other SDK AWS_REGION: an app would have one and miss the other.
            region = os.environ.get("AWS_REGION") or None
            self._client = boto3.client(self._service, region_name=region, config=config)
        return self._client

    def forked(self) -> None:
        """Leaves the client to the process that made it: over its connections two would take each other's answers."""
        # It is kept, and not ended: to end it takes locks, which a thread of the parent may have held.
        self._inherited.append(self._client)
        self._client = None
