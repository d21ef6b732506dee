"""The optional build: with STRANGLER_COMPILE=1 the files that a payment and its copy pass through become C by mypyc.

Law of this file: nothing may need the compiled form. It does the same, at about 0.6 of the cost (benchmarks/), and
tests/end_to_end/test_compiled.py runs the tests of both.
"""

import os

from setuptools import setup

HOT = [
    *(f"proxy/http1/{name}.py" for name in ("balance", "balanced")),
    *(
        f"proxy/http1/{name}.py"
        for name in ("body", "client", "head", "line", "outlet", "pool", "send", "server", "serving")
    ),
    *(f"proxy/http1/{name}.py" for name in ("ticker", "tunnel", "turn")),
    *(f"proxy/gateway/{name}.py" for name in ("answers", "breaker", "claimed", "claiming")),
    *(f"proxy/gateway/{name}.py" for name in ("copy", "fields", "gateway", "held")),
    *(f"proxy/gateway/{name}.py" for name in ("passage", "ports")),
    *(f"proxy/routing/{name}.py" for name in ("asked", "bearer", "canary", "condition", "expression", "shelf")),
    *(f"proxy/routing/{name}.py" for name in ("match", "route", "rule", "split", "table", "target", "trie")),
    *(f"proxy/channel/{name}.py" for name in ("codec", "link", "local", "outbox")),
    *(f"proxy/runtime/{name}.py" for name in ("ids", "metering", "sending", "upstreams")),
    "proxy/shadow/request.py",
    "proxy/telemetry/registry.py",
]


def extensions() -> list[object]:
    if os.environ.get("STRANGLER_COMPILE") != "1":
        return []
    from mypyc.build import mypycify

    return list(mypycify([*HOT], opt_level="3", debug_level="0", group_name="strangler"))


setup(ext_modules=extensions())
