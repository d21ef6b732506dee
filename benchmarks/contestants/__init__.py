"""Who takes part, in the order of the table."""

from benchmarks.contestant import Contestant
from benchmarks.contestants import envoy, haproxy, nginx, plain_aiohttp, strangler

ALL: tuple[Contestant, ...] = (
    nginx.PLAIN,
    haproxy.PLAIN,
    envoy.PLAIN,
    plain_aiohttp.PLAIN,
    strangler.LEGACY,
    strangler.PURE_LEGACY,
    nginx.MIRROR,
    envoy.MIRROR,
    strangler.SHADOW,
    strangler.PURE_SHADOW,
)
BASELINE = nginx.PLAIN.name
"""The contestant to which the others are a ratio."""
