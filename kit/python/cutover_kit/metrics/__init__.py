"""The metrics that rows watch."""

from .emf import emf
from .metrics import Metrics, open_metrics
from .put_metric_data import put_metric_data
from .signal import Signal, Watched
from .sink import Datum, Sink, Unsendable

__all__ = [
    "Datum",
    "Metrics",
    "Signal",
    "Sink",
    "Unsendable",
    "Watched",
    "emf",
    "open_metrics",
    "put_metric_data",
]
