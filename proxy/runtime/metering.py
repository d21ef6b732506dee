"""What the gateway counts, under the names of the contract. Law of this file: a request costs one dict look-up and a
bucket.
"""

from collections.abc import Mapping
from typing import Final

from proxy.messages import System
from proxy.telemetry.registry import Buckets, Count, Registry

_CLASSES: Final = {code: f"{code}xx" for code in range(1, 6)}


class _Answers:
    """What is counted of the answers of one route, system and class."""

    __slots__ = ("number", "seconds")

    def __init__(self, number: Count, seconds: Buckets) -> None:
        self.number = number
        self.seconds = seconds


class Metering:
    """The gateway's Meter on a registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._inflight = 0
        self._answers: dict[tuple[str, System | None, int], _Answers] = {}

    def began(self) -> None:
        self._inflight += 1

    def answered(self, route: str, system: System | None, status: int, seconds: float) -> None:
        self._inflight -= 1
        key = (route, system, status // 100)
        answers = self._answers.get(key) or self._first(key)
        answers.number.add()
        answers.seconds.add(seconds)

    def _first(self, key: tuple[str, System | None, int]) -> _Answers:
        route, system, digit = key
        who, code = system.value if system is not None else "none", _CLASSES.get(digit, "other")
        number = self._registry.counter("strangler_requests_total", (route, who, code))
        seconds = self._registry.histogram("strangler_request_duration_seconds", (route, who))
        found = self._answers[key] = _Answers(number, seconds)
        return found

    def dropped(self, reason: str) -> None:
        self._registry.inc("strangler_dropped_total", (reason,))

    def claimed(self, event: str) -> None:
        self._registry.inc("strangler_claims_total", (event,))

    def unknown(self, route: str) -> None:
        self._registry.inc("strangler_unknown_outcomes_total", (route,))

    def publish(self) -> None:
        """Sets the gauges; to be called before a snapshot."""
        self._registry.set("strangler_inflight", (), self._inflight)


def publish(registry: Registry, dropped: Mapping[str, int], seen: dict[str, int]) -> None:
    """Brings counts that something else keeps into the registry; `seen` remembers what was brought before."""
    for reason, total in dropped.items():
        if total > seen.get(reason, 0):
            registry.inc("strangler_dropped_total", (reason,), total - seen.get(reason, 0))
            seen[reason] = total
