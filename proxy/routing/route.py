"""What a route is, and what a backend is: frozen data, in the words of routes.yaml.

Law of this file: no behaviour but to make a changed route. Times are seconds, sizes are bytes, names of backends and
policies are keys of the table.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from enum import StrEnum

from proxy.messages import Stage, System
from proxy.routing.canary import CALLERS, RANDOM, Canary, Key, compile_keys
from proxy.routing.sandbox import Attest, CardData, Credentials, Resign
from proxy.routing.split import Plans, Semantics, compile_plans, depends_on_request


class Effects(StrEnum):
    """What a request to a backend does: to the real world, or to one that was made for tests."""

    LIVE = "live"
    SANDBOX = "sandbox"


class HostPolicy(StrEnum):
    """Which Host a backend is told: the client's, its own address, or a fixed name."""

    PRESERVE = "preserve"
    BACKEND = "backend"
    NAME = "name"


class PathKind(StrEnum):
    """How a path is compared, in the order of precedence.

    `Exact`, `PathTemplate` (`/a/{id}`; a name stands for one segment that is not empty), `RegularExpression` (RE2,
    the whole path), `PathPrefix` (whole segments). The Gateway API leaves the place of regular expressions open; here
    they stand before prefixes, as in Envoy Gateway, Contour and nginx, since a catch-all prefix `/` would otherwise
    hide them all.
    """

    EXACT = "Exact"
    TEMPLATE = "PathTemplate"
    REGEX = "RegularExpression"
    PREFIX = "PathPrefix"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, for the whole request until the answer's head is there, and without a byte on a body."""

    connect: float = 1.0
    request: float = 30.0
    idle: float = 30.0


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Bounds of a backend's pool: open connections, requests that wait for one, seconds that an idle one is kept."""

    max_connections: int = 200
    max_pending: int = 400
    idle_timeout: float = 1.5


@dataclass(frozen=True, slots=True)
class BackendTls:
    """What a backend is trusted by and shown: paths of PEM files, and the name that is asked for and verified.

    No `ca`: the machine's own. No `server_name`: the host of the URL.
    """

    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    server_name: str | None = None


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """An active check: what is asked with GET, and seconds between two."""

    path: bytes
    interval: float = 5.0


@dataclass(frozen=True, slots=True)
class Backend:
    """A named base URL with its limits.

    `base_path` has no trailing slash; `host_header` is None when the client's is kept; `addresses`: all hosts and ports
    of a backend that has several, the first of them is `host` and `port`; empty if these are its only ones.
    """

    name: str
    scheme: str
    host: str
    port: int
    base_path: bytes = b""
    effects: Effects = Effects.LIVE
    host_policy: HostPolicy = HostPolicy.PRESERVE
    host_header: bytes | None = None
    timeouts: Timeouts = Timeouts()
    pool: PoolLimits = PoolLimits()
    tls: BackendTls | None = None
    addresses: tuple[tuple[str, int], ...] = ()
    health_check: HealthCheck | None = None
    attest: Attest | None = None
    card_data: CardData = CardData.REFUSE
    credentials: Credentials | None = None
    resign: Resign | None = None

    @property
    def takes_writes(self) -> bool:
        """Whether a copy of a write may be meant for it: a sandbox that shows, or is vouched for, that it is one."""
        return self.effects is Effects.SANDBOX and self.attest is not None


@dataclass(frozen=True, slots=True)
class Shadowing:
    """How a route is shadowed: per cent, seconds for an answer, bytes of a body, copies at once and a second; `noise`:
    the backend that is a second legacy; `writes`: the backends that copies of writes may go to.
    """

    percent: float = 100.0
    timeout: float = 10.0
    max_body: int = 256 * 1024
    max_in_flight: int = 50
    max_rate: float | None = None
    noise: str | None = None
    writes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PathMatch:
    """A path as the file spells it, and how it is compared."""

    kind: PathKind = PathKind.PREFIX
    value: str = "/"


class ValueKind(StrEnum):
    """How a named value is compared; a RegularExpression is RE2 and for the whole of it."""

    EXACT = "Exact"
    REGEX = "RegularExpression"
    PRESENT = "Present"
    ABSENT = "Absent"


@dataclass(frozen=True, slots=True)
class ValueMatch:
    """A header, query parameter, cookie or claim, and what its value must be."""

    name: str
    value: str = ""
    kind: ValueKind = ValueKind.EXACT


ALL_DAYS = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the day: from minute `begin` up to minute `end`, past midnight if that is not later; `days`: 0 is
    Monday, the day on which it begins.
    """

    begin: int = 0
    end: int = 24 * 60
    days: frozenset[int] = ALL_DAYS
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class BodyMatch:
    """A field of a JSON body that must have one of these values."""

    path: str
    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """One way into a route: all parts must hold. No methods: any method; no hosts: any host."""

    path: PathMatch = PathMatch()
    methods: frozenset[bytes] = frozenset()
    headers: tuple[ValueMatch, ...] = ()
    query: tuple[ValueMatch, ...] = ()
    hosts: tuple[str, ...] = ()
    cookies: tuple[ValueMatch, ...] = ()
    claims: tuple[ValueMatch, ...] = ()
    during: Window | None = None
    body: BodyMatch | None = None


@dataclass(frozen=True, slots=True)
class Breaker:
    """When a failing candidate is left: above this share of failures, or of answers that took longer than
    `slow_call_duration` seconds, among at least so many requests in `window` seconds. None: no answer is slow.
    """

    window: float = 30.0
    min_requests: int = 20
    max_error_rate: float = 0.05
    slow_call_duration: float | None = None
    max_slow_call_rate: float = 0.5


@dataclass(frozen=True, slots=True)
class Pin:
    """What binds a write, and all that repeat it, to the system that takes it.

    `key`: where its idempotency key is (`header:X`, `body:$.a`, and as a canary's), the first that is there counts;
    `scope`: whose key it is, None for keys that are unique by themselves; `required`: a write without a key is refused;
    `ttl`: seconds for which it is remembered.
    """

    key: tuple[str, ...]
    scope: str | None = None
    required: bool = False
    ttl: float = 48 * 3600.0


@dataclass(frozen=True, slots=True)
class Route:
    """A rule: who is asked for which requests.

    `timeouts` are those for legacy as its primary: the route's, else the backend's own; `candidate_timeouts` those for
    the candidate, None for the same. Raises ValueError where the stage needs a candidate, or a canary, that is not
    there. `keys`: what a canary tells a caller by; `callers`: what sampling does; `weighed`: its plans depend on more
    of a request than the method.
    """

    name: str
    legacy: str
    candidate: str | None = None
    stage: Stage = Stage.LEGACY
    matches: tuple[Match, ...] = (Match(),)
    owner: str | None = None
    semantics: Semantics = Semantics.AUTO
    shadow_candidate: str | None = None
    shadowing: Shadowing = Shadowing()
    timeouts: Timeouts = Timeouts()
    compare: str = "default"
    candidate_timeouts: Timeouts | None = None
    shadow_legacy: str | None = None
    group: str | None = None
    canary: Canary | None = None
    breaker: Breaker | None = None
    pin: Pin | None = None
    plans: Plans = field(init=False, repr=False, compare=False)
    candidate_plans: Plans | None = field(init=False, repr=False, compare=False)
    keys: tuple[Key, ...] = field(init=False, repr=False, compare=False)
    callers: tuple[Key, ...] = field(init=False, repr=False, compare=False)
    weighed: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        fault = obstacle(self, self.stage)
        if fault is not None:
            raise ValueError(f"route {self.name}: {fault}")
        leads = self.stage in (Stage.CANDIDATE, Stage.REVERSE_SHADOW)
        plans = compile_plans(self, System.CANDIDATE if leads else System.LEGACY)
        others = compile_plans(self, System.CANDIDATE) if self.stage is Stage.CANARY else None
        object.__setattr__(self, "plans", plans)
        object.__setattr__(self, "candidate_plans", others)
        object.__setattr__(self, "keys", _keys(self))
        object.__setattr__(self, "callers", _callers(self))
        object.__setattr__(self, "weighed", depends_on_request(self))

    def timeouts_for(self, system: System) -> Timeouts:
        """Those for a system as the primary."""
        if self.candidate_timeouts is None or system is System.LEGACY:
            return self.timeouts
        return self.candidate_timeouts


def obstacle(route: Route, stage: Stage) -> str | None:
    """Why a route cannot stand in a stage; None if it can."""
    if stage is Stage.SHADOW:
        stuck = route.candidate is None and route.shadow_candidate is None
        return "stage shadow needs shadow.candidate or backendRefs.candidate" if stuck else None
    if stage is not Stage.LEGACY and route.candidate is None:
        return f"stage {stage} needs backendRefs.candidate"
    if stage is Stage.CANARY and (route.canary is None or not route.canary.hash_on):
        return "stage canary needs canary.hashOn"
    return None


def with_stage(route: Route, stage: Stage, weight: float | None = None) -> Route:
    """The route in another stage; `weight`: of its canary, in per cent, None for what it has. Raises ValueError where
    `obstacle` names one.
    """
    canary = route.canary
    if canary is not None and weight is not None:
        canary = replace(canary, weight=weight)
    return replace(route, stage=stage, canary=canary)


def templates(route: Route) -> tuple[str, ...]:
    """Its PathTemplates, as the file spells them."""
    return tuple(match.path.value for match in route.matches if match.path.kind is PathKind.TEMPLATE)


def _keys(route: Route) -> tuple[Key, ...]:
    if route.canary is not None and route.stage is Stage.CANARY:
        return compile_keys(route.canary.hash_on, templates(route))
    return ()


def _callers(route: Route) -> tuple[Key, ...]:
    """What a caller is told by when whole callers are sampled: as in a canary, but never by chance."""
    if not route.shadowing.writes or route.shadowing.percent >= 100.0:
        return ()
    said = route.canary.hash_on if route.canary is not None else ()
    return compile_keys([*(each for each in said if each != RANDOM), *CALLERS], templates(route))
