"""mitmproxy in its own environment: mitmdump as a reverse proxy that prints and keeps nothing.

Source of the options: mitmproxy's reference of its options. A request costs it more than a millisecond, so it is paced
below the others: at their rate its figures would be those of a queue.
"""

from collections.abc import Sequence

from benchmarks.contestant import Contestant, Missing, Scene
from benchmarks.contestants import packaged
from benchmarks.install import ENVS

BINARY = ENVS / "mitmproxy" / "bin" / "mitmdump"
QUIET = {"flow_detail": "0", "termlog_verbosity": "error", "keep_host_header": "true"}
RATE = 200


def find() -> str | Missing:
    return packaged.find("mitmproxy", "mitmproxy", [str(BINARY), "--version"], r"^Mitmproxy:\s+(\S+)")


def command(scene: Scene) -> Sequence[str]:
    options = {**QUIET, "confdir": str(scene.folder / "mitmproxy")}
    place = ["--listen-host", "127.0.0.1", "--listen-port", str(scene.port)]
    sets = [word for name, value in options.items() for word in ("--set", f"{name}={value}")]
    return [str(BINARY), "--quiet", "--mode", f"reverse:http://127.0.0.1:{scene.legacy}", *place, *sets]


PLAIN = Contestant("mitmproxy", f"passes; paced at {RATE} requests/s", find, command, most=RATE)
