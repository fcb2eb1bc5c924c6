"""What an app under a cutover imports: its flags, their report, and the metrics that rows watch."""

from .bucket import is_among, place_of
from .declare import AtLeast, BooleanFlag, Declarations, FlagValue, PercentageFlag, Requirement, StatesFlag
from .flags import Flags, open_flags
from .metrics import Metrics, Sink, emf, open_metrics, put_metric_data
from .report import ReportApp
from .snapshot import Snapshot
from .sources import Reading, Source, agent, data_api, environment, in_code

__all__ = [
    "AtLeast",
    "BooleanFlag",
    "Declarations",
    "FlagValue",
    "Flags",
    "Metrics",
    "PercentageFlag",
    "Reading",
    "ReportApp",
    "Requirement",
    "Sink",
    "Snapshot",
    "Source",
    "StatesFlag",
    "agent",
    "data_api",
    "emf",
    "environment",
    "in_code",
    "is_among",
    "open_flags",
    "open_metrics",
    "place_of",
    "put_metric_data",
]
