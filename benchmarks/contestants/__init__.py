"""Who takes part, in the order of the table."""

from benchmarks.contestant import Contestant
from benchmarks.contestants import envoy, haproxy, mitmproxy, nginx, plain_aiohttp, strangler, traefik

ALL: tuple[Contestant, ...] = (
    nginx.PLAIN,
    haproxy.PLAIN,
    envoy.PLAIN,
    traefik.PLAIN,
    plain_aiohttp.PLAIN,
    mitmproxy.PLAIN,
    strangler.LEGACY,
    strangler.PURE_LEGACY,
    nginx.MIRROR,
    envoy.MIRROR,
    traefik.MIRROR,
    strangler.SHADOW,
    strangler.PURE_SHADOW,
)
BASELINE = nginx.PLAIN.name
"""The contestant to which the others are a ratio."""
