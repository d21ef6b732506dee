"""The third table: what a request costs when there is more of something. Law of this file: only that one thing grows.

The lanes of an axis are all up, and are loaded in turn at full speed with the same load; a ratio is that of one round.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import idle, processes
from benchmarks import lane as lanes
from benchmarks.contest import Say, Sizes
from benchmarks.contestants import strangler
from benchmarks.idle import Idle
from benchmarks.lane import Lane, Sample
from benchmarks.order import serpentine
from benchmarks.upstreams import Mood, Upstreams

FLAT = 1.15
"""The most that a request may cost, as a ratio to the first step."""
ROUTES = (1, 100, 1000)
CONNECTIONS = (10, 500, 2000)


@dataclass(slots=True)
class Step:
    """One row: what there is, how much of it, and the samples of each round."""

    words: str
    samples: list[Sample] = field(default_factory=list)


def ratios(step: Step, first: Step) -> list[float]:
    """The proxy's CPU a request against that of the first step, round by round."""
    pairs = zip(step.samples, first.samples, strict=True)
    return [mine.proxy_us / other.proxy_us for mine, other in pairs]


def routes_of(count: int) -> str:
    """`count` routes of three kinds, as lines of routes.yaml: the last one of them takes the payment, no other does."""
    kinds = (
        ("Exact", "/v1/payments/exact-{}"),
        ("PathTemplate", "/v1/payments/{{id}}/step-{}"),
        ("PathPrefix", "/v1/payments/under-{}"),
    )
    others = (
        strangler.route(f"route-{number}", "legacy", kind, path.format(number))
        for number in range(count - 1)
        for kind, path in (kinds[number % 3],)
    )
    return "".join(others) + strangler.route("payments", "legacy")


def by_routes(standing: Upstreams, folder: Path, sizes: Sizes, say: Say) -> list[Step]:
    """The cost with each number of routes."""
    with ExitStack() as stack:
        steps = [
            (
                Step(f"{count:,} route{'s'[: count > 1]}, the last asked for"),
                _lane(routes_of(count), standing, folder, stack),
            )
            for count in ROUTES
        ]
        return _measured(steps, sizes, say)


def by_connections(standing: Upstreams, folder: Path, sizes: Sizes, say: Say) -> list[Step]:
    """The cost with each number of idle connections beside those of wrk; StartError if they do not stay."""
    with ExitStack() as stack:
        steps, waiting = [], []
        for count in CONNECTIONS:
            lane = _lane(routes_of(1), standing, folder, stack)
            waiting.append(stack.enter_context(idle.held(lane.scene.port, count)))
            steps.append((Step(f"{count:,} idle connections, {sizes.full.connections} active"), lane))
        done = _measured(steps, sizes, say)
        _prove_open(waiting)
        return done


AXES: dict[str, Callable[[Upstreams, Path, Sizes, Say], list[Step]]] = {
    "routes": by_routes,
    "connections": by_connections,
}


def _lane(routes: str, standing: Upstreams, folder: Path, stack: ExitStack) -> Lane:
    contestant = strangler.compiled("strangler", "legacy", routes)
    return stack.enter_context(lanes.opened(contestant, folder, standing.legacy, standing.candidates[Mood.SAME]))


def _measured(steps: list[tuple[Step, Lane]], sizes: Sizes, say: Say) -> list[Step]:
    for _, lane in steps:
        lane.warm_up(sizes.warm)
    for step, lane in serpentine(steps, sizes.full_rounds):
        step.samples.append(lane.measure(sizes.full))
    done = [step for step, _ in steps]
    for step in done:
        say(f"{step.words:44} {_shown(step)}  x {', '.join(f'{each:.2f}' for each in ratios(step, done[0]))}")
    return done


def _shown(step: Step) -> str:
    return ", ".join(f"{sample.proxy_us:.1f}" for sample in step.samples) + " µs"


def _prove_open(waiting: list[Idle]) -> None:
    for each in waiting:
        if each.open() != len(each.sockets):
            raise processes.StartError(f"only {each.open()} of {len(each.sockets)} idle connections stayed open")
