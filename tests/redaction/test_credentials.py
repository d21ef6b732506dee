"""Keys that are told by their form. They are put together here, so that no scanner takes this file for a leak."""

import pytest

from proxy.redaction.credentials import CREDENTIAL
from proxy.redaction.prefilter import has_telling_word
from proxy.redaction.text import scan
from proxy.redaction.tokens import Tokens

TOKENS = Tokens(b"k" * 32)
WORD = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"


@pytest.mark.parametrize(
    "key",
    [
        *("sk_" + "live_" + WORD, "rk_" + "test_" + WORD, "whsec_" + WORD, f"pi_{WORD}_secret_{WORD}"),
        *("sk_" + "sbox_" + WORD.lower(), "AQE" + "hk" + WORD + "-x.%{(]Y=", "sq0" + "atp-" + WORD, "EAA" + "A" + WORD),
        *("live_" + WORD, "sandbox_" + WORD, "A21" + "AA" + WORD, f"access_token$production${WORD[:12]}${WORD[:32]}"),
        *("rzp_" + "live_" + WORD, "AKIA" + "IOSFODNN7EXAMPLE", "AIza" + WORD[:35], "ghp" + "_" + WORD, "xoxb-" + WORD),
        *(f"eyJ{WORD}.{WORD}.{WORD}", f"-----BEGIN RSA PRIVATE KEY-----\n{WORD}\n"),
    ],
)
def test_keys_of_providers(key: str) -> None:
    assert CREDENTIAL.fullmatch(key.split("\n-")[0])
    assert has_telling_word(key.encode())
    text = f"got <{key}> back" if "BEGIN" not in key else f"got {key}"
    clean = scan(text, TOKENS)
    assert WORD[:16] not in clean
    assert key not in clean
    assert scan(clean, TOKENS) == clean


@pytest.mark.parametrize(
    "text", ["pk_live_abc", "live_mode", "pay_live_1234", "sandbox_mode: on", "task_test_plan", "AKIA"]
)
def test_what_is_none(text: str) -> None:
    assert not CREDENTIAL.search(text)
