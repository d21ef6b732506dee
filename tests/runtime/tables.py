"""A table as the file spells it: a group of two routes, a route that stands alone, one that has no candidate."""

from proxy.config.load import loads
from proxy.routing.packed import packed

_ROUTES = """\
apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: {name}}}
spec:
  defaults: {{timeouts: {{connect: 1s, request: 20s, idle: 20s}}}}
  backends:
    - {{name: monolith, url: "http://127.0.0.1:{legacy}", effects: live, pool: {{idleTimeout: 20s}}}}
    - {{name: payments, url: "http://127.0.0.1:{candidate}", effects: live, pool: {{idleTimeout: 20s}}}}
  groups:
    - {{name: checkout, stage: legacy, canary: {{weight: 5, hashOn: ["header:X-Merchant-Id"]}}}}
  routes:
    - name: create
      group: checkout
      matches: [{{method: POST, path: {{type: Exact, value: /v1/payments}}}}]
      backendRefs: {{legacy: monolith, candidate: payments}}
    - name: capture
      group: checkout
      matches: [{{path: {{type: Exact, value: /v1/capture}}}}]
      backendRefs: {{legacy: monolith, candidate: payments}}
    - name: refund
      stage: {stage}
      matches: [{{path: {{type: PathPrefix, value: /v1/refunds}}}}]
      backendRefs: {{legacy: monolith, candidate: payments}}
    - name: rest
      stage: legacy
      matches: [{{path: {{type: PathPrefix, value: /}}}}]
      backendRefs: {{legacy: monolith}}
"""

BROKEN = "apiVersion: strangler/v1\nkind: RouteTable\nmetadata: {name: broken}\nspec: {routes: 5}\n"


def text(*, name: str = "payments", legacy: int = 1, candidate: int = 2, stage: str = "legacy") -> str:
    """`stage` is that of `refund`; the ports are those of 127.0.0.1."""
    return _ROUTES.format(name=name, legacy=legacy, candidate=candidate, stage=stage)


def said(table: str) -> bytes:
    """The table of a file of this text, as children are told it."""
    return packed(loads(table, "routes.yaml", {}))
