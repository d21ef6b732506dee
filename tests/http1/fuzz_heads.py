"""The fuzzer: `python -m tests.http1.fuzz_heads FOLDER... -max_total_time=60`; the folders hold inputs to begin with.

Law of this file: it hunts, any_bytes.py says for what. Only what is imported here is watched for new paths.
"""

import sys

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["proxy.http1", "proxy.gateway.fields", "tests.http1"]):
    from tests.http1.any_bytes import check

if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
