"""What is counted for supervisors of the machine: numbers and codes, no words and no case numbers.

Counts of this process are kept as they happen; what the database knows is read when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa

from demo.store.database import Database
from demo.store.desk_tables import DocketRow
from demo.store.interface_tables import DeliveryRow, SubmissionRow
from demo.store.tables import CaseRow, JobRow
from pipelines.errors import Cancelled, Internal, MinwonError
from pipelines.types import CaseResult

if TYPE_CHECKING:
    from prometheus_client import Metric

STAGES_S = (0.1, 0.3, 1, 3, 5, 10, 20, 40, 80, 160, 320, 640, 1800)
STATES = ("cold", "loading", "ready", "failed")
FILED: sa.SQLColumnExpression[str] = sa.case(
    (SubmissionRow.filed_at.is_not(None), "filed"),
    (SubmissionRow.problem.is_not(None), "given_up"),
    else_="waiting",
)
GROUPED: tuple[tuple[str, str, str, sa.SQLColumnExpression[str]], ...] = (
    ("minwon_cases", "Cases by status", "status", CaseRow.status),
    ("minwon_jobs", "Jobs by state", "state", JobRow.state),
    ("minwon_docket", "Filed cases by state", "state", DocketRow.state),
    ("minwon_docket_channel", "Filed cases by channel", "channel", DocketRow.channel),
    ("minwon_hook_deliveries", "Webhook messages by state", "state", DeliveryRow.state),
    ("minwon_open311_requests", "Requests through Open311 by their end", "state", FILED),
)
"""(name, what it is, label, what is counted by)."""
Facts = Callable[[], Mapping[str, str]]


class Meter:
    """Thread-safe, with a registry of its own: libraries' counters stay out."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self.registry = CollectorRegistry()
        self._refused = Counter(
            "minwon_refusals", "Refused files, calls and jobs", ["code"], registry=self.registry
        )
        self._jobs = Counter(
            "minwon_jobs_ended", "Jobs of this process", ["kind", "end"], registry=self.registry
        )
        self._stages = Histogram(
            "minwon_stage_seconds",
            "Time that a stage of a job took",
            ["stage"],
            buckets=STAGES_S,
            registry=self.registry,
        )

    def refused(self, code: str) -> None:
        """One more refusal."""
        self._refused.labels(code).inc()

    def worked(self, kind: str, end: CaseResult | Exception) -> None:
        """A job's end: its measured times, or the code of what went wrong."""
        if isinstance(end, CaseResult):
            self._jobs.labels(kind, "done").inc()
            for stage in ("read", "draft", "total"):
                self._stages.labels(stage).observe(getattr(end.timing, f"{stage}_s"))
            return
        stopped = isinstance(end, Cancelled)
        self._jobs.labels(kind, "cancelled" if stopped else "failed").inc()
        if not stopped:
            self.refused(end.code if isinstance(end, MinwonError) else Internal.code)

    def watch(self, database: Database, waiting: Callable[[], int], models: Facts) -> None:
        """Show what lies in the database, the queue's length and the models' states as well."""
        self.registry.register(_Looked(database, waiting, models))

    def text(self) -> bytes:
        """Everything, in Prometheus' text format. Raises StoreUnavailable."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry)


class _Looked:
    """Gauges that are read, not kept. The registry calls it for each scrape."""

    def __init__(self, database: Database, waiting: Callable[[], int], models: Facts) -> None:
        self._database, self._waiting, self._models = database, waiting, models

    def describe(self) -> list[Metric]:
        """Nothing is asked of the database while the program starts."""
        return []

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        queue = GaugeMetricFamily("minwon_queue_length", "Cases that wait for the model")
        queue.add_metric([], self._waiting())
        yield queue
        models = GaugeMetricFamily("minwon_model_state", "1 for its state", labels=["name", "is"])
        for name, state in self._models().items():
            for each in STATES:
                models.add_metric([name, each], each == state)
        yield models
        with self._database.read() as session:
            for name, text, label, column in GROUPED:
                family = GaugeMetricFamily(name, text, labels=[label])
                counted = sa.select(column, sa.func.count()).group_by(column)
                for value, count in session.execute(counted):
                    family.add_metric([value], count)
                yield family
