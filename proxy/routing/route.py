"""What a route is, and what a backend is: frozen data, in the words of routes.yaml.

Law of this file: no behaviour. Times are seconds, sizes are bytes, names of backends and policies are keys of the
table.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from proxy.messages import Stage
from proxy.routing.split import Plans, Semantics, compile_plans


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
class Backend:
    """A named base URL with its limits.

    `base_path` has no trailing slash; `host_header` is None when the client's is kept.
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


@dataclass(frozen=True, slots=True)
class Shadowing:
    """How a route is shadowed: per cent, seconds for an answer, bytes of a body, copies at once and a second."""

    percent: float = 100.0
    timeout: float = 10.0
    max_body: int = 256 * 1024
    max_in_flight: int = 50
    max_rate: float | None = None


@dataclass(frozen=True, slots=True)
class PathMatch:
    """A path as the file spells it, and how it is compared."""

    kind: PathKind = PathKind.PREFIX
    value: str = "/"


@dataclass(frozen=True, slots=True)
class ValueMatch:
    """A header or query value that must be there: equal to `value`, or matched whole by it as a RE2 expression."""

    name: str
    value: str
    regex: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """One way into a route: all parts must hold. No methods: any method."""

    path: PathMatch = PathMatch()
    methods: frozenset[bytes] = frozenset()
    headers: tuple[ValueMatch, ...] = ()
    query: tuple[ValueMatch, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A rule: who is asked for which requests.

    `timeouts` are those for its primary: the route's, else the backend's own. Raises ValueError where the stage needs a
    candidate that is not there.
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
    plans: Plans = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        plans = compile_plans(self.name, self.stage, self.legacy, self.candidate, self.shadow_candidate, self.semantics)
        object.__setattr__(self, "plans", plans)
