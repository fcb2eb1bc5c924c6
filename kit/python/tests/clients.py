"""Clients that stand in for those of boto3."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch


def own_clients(client: Callable[..., Any]) -> AbstractContextManager[Any]:
    """While it lasts, the kit's own clients are made by `client`, which takes the service, the region and the config."""
    modules = {
        "boto3": SimpleNamespace(client=client),
        "botocore": SimpleNamespace(),
        "botocore.config": SimpleNamespace(Config=SimpleNamespace),
    }
    return patch.dict(sys.modules, modules)
