"""The words inside a scalar: durations, sizes, names, URLs, exact decimals, as types that pydantic can use.

Law of this file: each parser is a plain function that raises ValueError with a message for the person who wrote the
file; the Annotated type beside it adds the pattern that editors see.
"""

import ipaddress
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

_DURATION_PART = re.compile(r"([0-9]{1,9})(ms|h|m|s)")
_MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}
_DURATION_PATTERN = r"^([0-9]{1,9}(ms|h|m|s)){1,4}$"
_SIZE = re.compile(r"([0-9]{1,15})(Ki|Mi|Gi|k|M|G)?")
_UNITS = {None: 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "k": 10**3, "M": 10**6, "G": 10**9}
_SIZE_PATTERN = r"^[0-9]{1,15}(Ki|Mi|Gi|k|M|G)?$"
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?")
_HOST_HEADER = re.compile(r"(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_HOST_PATTERN = re.compile(r"(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,250}[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_METHOD = re.compile(r"[A-Z][A-Z0-9_-]{0,31}")
TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}"  # noqa: S105 (RFC 9110's word for the characters of a name)
_CLASSES: dict[object, list[object]] = {"4xx": [*range(400, 500)], "5xx": [*range(500, 600)]}
_MAX_HOSTS = 64
_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_duration(value: object) -> float:
    """`1m30s` -> 90.0 seconds. Parts of h, m, s, ms, each a whole number, as in the Gateway API (GEP-2257)."""
    if not isinstance(value, str) or not re.fullmatch(_DURATION_PATTERN, value):
        raise ValueError("must be a duration with its unit, like 30s, 1500ms or 1m30s")
    return sum(int(number) * _MILLISECONDS[unit] for number, unit in _DURATION_PART.findall(value)) / 1000


def parse_size(value: object) -> int:
    """`64Ki` -> 65536 bytes. Ki, Mi, Gi are powers of 1024; k, M, G of 1000; a bare number is bytes."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    found = _SIZE.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError("must be a size in bytes, like 4096, 64Ki or 10Mi")
    return int(found[1]) * _UNITS[found[2]]


def parse_decimal(value: object) -> Decimal:
    """`"0.01"` -> exactly that. A bare 0.01 was already rounded to a binary fraction, so it is refused."""
    if isinstance(value, float):
        raise ValueError(f'must be quoted to be exact: "{value}"')
    try:
        number = Decimal(value) if isinstance(value, str | int) and not isinstance(value, bool) else Decimal("nan")
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or number < 0:
        raise ValueError('must be a number not below zero, in quotes, like "0.01"')
    return number


def parse_methods(value: object) -> list[str]:
    """One method or a list of them, in capitals; CONNECT and TRACE are never forwarded."""
    methods = [parse_method(item) for item in (value if isinstance(value, list) else [value])]
    if not methods:
        raise ValueError("must name a method; leave it out to match all")
    return methods


def parse_method(value: object) -> str:
    """A method that the proxy carries. Raises ValueError."""
    if not isinstance(value, str) or not _METHOD.fullmatch(value):
        raise ValueError("must be a method in capitals, like GET")
    if value in ("CONNECT", "TRACE"):
        raise ValueError(f"{value} is never forwarded")
    return value


def parse_family(value: object) -> list[int]:
    """`[400, 5xx]` -> the error statuses that it names, each once, in order."""
    given = value if isinstance(value, list) else [value]
    found = {status for each in given for status in _CLASSES.get(each, [each])} if _are_scalars(given) else set()
    if not found or any(type(status) is not int or not 400 <= status <= 599 for status in found):
        raise ValueError("must name error statuses, each from 400 to 599, or all with 4xx or 5xx")
    return sorted(found)


def _are_scalars(values: list[object]) -> bool:
    return all(isinstance(each, str | int) for each in values)


def parse_hosts(value: object) -> list[str]:
    """One host or a list of them, without ports; `*.` may stand before a name."""
    hosts = value if isinstance(value, list) else [value]
    if not hosts or len(hosts) > _MAX_HOSTS:
        raise ValueError(f"must name 1 to {_MAX_HOSTS} hosts; leave it out to match all")
    for host in hosts:
        if not isinstance(host, str) or not _HOST_PATTERN.fullmatch(host):
            raise ValueError("must be a host without a port, like api.example.com or *.example.com")
    return [str(host).lower() for host in hosts]


def parse_minute(value: object) -> int:
    """`"08:30"` -> 510, minutes since midnight; 24:00 is the end of the day."""
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('must be a time of day, like "08:30"')
    return 24 * 60 if found[1] is None else int(found[1]) * 60 + int(found[2])


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """Where a backend is. `path` has no slash at its end."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """As a Host header says it: without the scheme's own port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_url(value: str) -> BaseUrl:
    """Raises ValueError with what is wrong; never repeats the URL, which may hold a password."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("is not a URL like http://127.0.0.1:8001") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or not _is_host(parts.hostname):
        raise ValueError("must be a URL like http://127.0.0.1:8001")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user or a password")
    if "?" in value or "#" in value or re.search(r"[^\x21-\x7e]", value):
        raise ValueError("must be a base URL without ?, #, spaces or letters beyond ASCII")
    default = _DEFAULT_PORTS[parts.scheme]
    return BaseUrl(parts.scheme, parts.hostname, default if port is None else port, parts.path.rstrip("/"))


def _is_host(host: str) -> bool:
    return _is_address(host) or _HOST_NAME.fullmatch(host) is not None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _checked_url(value: str) -> str:
    parse_url(value)
    return value


def _checked_host(value: str) -> str:
    if not _is_host(value):
        raise ValueError("must be an IP address or a host name")
    return value


def _checked_host_header(value: str) -> str:
    if not _HOST_HEADER.fullmatch(value):
        raise ValueError("must be preserve, backend, or a host name, with or without a port")
    return value


def _checked_network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        reason = "has host bits set" if "host bits" in str(error) else "is none"
        raise ValueError(f"must be a network like 10.0.0.0/8 or an address; this one {reason}") from None
    return value


def _text(pattern: str, **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, **more})


def _positive(seconds: float) -> float:
    if seconds <= 0:
        raise ValueError("must be longer than 0")
    return seconds


Duration: TypeAlias = Annotated[
    float,
    AfterValidator(_positive),
    BeforeValidator(parse_duration),
    _text(_DURATION_PATTERN, examples=["30s", "1m30s", "1500ms"]),
]
Tolerance: TypeAlias = Annotated[float, BeforeValidator(parse_duration), _text(_DURATION_PATTERN, examples=["2s"])]
Size: TypeAlias = Annotated[
    int,
    Field(ge=1),
    BeforeValidator(parse_size),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "pattern": _SIZE_PATTERN}, {"type": "integer", "minimum": 1}],
            "examples": ["64Ki", "10Mi"],
        }
    ),
]
ExactDecimal: TypeAlias = Annotated[
    Decimal,
    BeforeValidator(parse_decimal),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}, {"type": "integer"}], "examples": ["0.01"]}
    ),
]
Methods: TypeAlias = Annotated[
    list[str],
    BeforeValidator(parse_methods),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^[A-Z][A-Z0-9_-]*$"},
                {"type": "array", "items": {"type": "string", "pattern": "^[A-Z][A-Z0-9_-]*$"}, "minItems": 1},
            ],
            "examples": ["POST"],
        }
    ),
]
HostPatterns: TypeAlias = Annotated[
    list[str],
    BeforeValidator(parse_hosts),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
            "examples": ["api.example.com", "*.example.com"],
        }
    ),
]
ErrorFamily: TypeAlias = Annotated[
    list[int],
    BeforeValidator(parse_family),
    WithJsonSchema(
        {
            "type": "array",
            "minItems": 1,
            "items": {"anyOf": [{"type": "integer", "minimum": 400, "maximum": 599}, {"enum": ["4xx", "5xx"]}]},
            "examples": [[400, 422], ["5xx"]],
        }
    ),
]
Minute: TypeAlias = Annotated[
    int, BeforeValidator(parse_minute), _text(r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", examples=["08:30"])
]
Name: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$", max_length=100)
]
HeaderName: TypeAlias = Annotated[str, StringConstraints(pattern=f"^{TOKEN}$")]
Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Url: TypeAlias = Annotated[str, AfterValidator(_checked_url)]
Host: TypeAlias = Annotated[str, AfterValidator(_checked_host)]
HostHeader: TypeAlias = Annotated[str, AfterValidator(_checked_host_header)]
NetworkText: TypeAlias = Annotated[str, AfterValidator(_checked_network)]
KeySource: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^((header|cookie|query|path|jwt|body):.+|client|random)$", max_length=256)
]
