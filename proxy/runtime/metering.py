"""What the gateway counts, under the names of the contract. Law of this file: a request costs two dict look-ups and a
bucket.
"""

from collections.abc import Mapping

from proxy.messages import System
from proxy.telemetry.registry import Registry

_CLASSES = {code: f"{code}xx" for code in range(1, 6)}


class Metering:
    """The gateway's Meter on a registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._inflight = 0
        self._labels: dict[tuple[str, System | None, int], tuple[tuple[str, str, str], tuple[str, str]]] = {}

    def began(self) -> None:
        self._inflight += 1

    def answered(self, route: str, system: System | None, status: int, seconds: float) -> None:
        self._inflight -= 1
        key = (route, system, status // 100)
        labels = self._labels.get(key)
        if labels is None:
            who = system.value if system is not None else "none"
            labels = self._labels[key] = ((route, who, _CLASSES.get(key[2], "other")), (route, who))
        self._registry.inc("strangler_requests_total", labels[0])
        self._registry.observe("strangler_request_duration_seconds", labels[1], seconds)

    def dropped(self, reason: str) -> None:
        self._registry.inc("strangler_dropped_total", (reason,))

    def publish(self) -> None:
        """Sets the gauges; to be called before a snapshot."""
        self._registry.set("strangler_inflight", (), self._inflight)


def publish(registry: Registry, dropped: Mapping[str, int], seen: dict[str, int]) -> None:
    """Brings counts that something else keeps into the registry; `seen` remembers what was brought before."""
    for reason, total in dropped.items():
        if total > seen.get(reason, 0):
            registry.inc("strangler_dropped_total", (reason,), total - seen.get(reason, 0))
            seen[reason] = total
