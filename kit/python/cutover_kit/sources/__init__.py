"""Where flags come from."""

from .agent import agent
from .data_api import data_api
from .environment import environment
from .in_code import in_code
from .source import Reading, Source, Throttled

__all__ = ["Reading", "Source", "Throttled", "agent", "data_api", "environment", "in_code"]
