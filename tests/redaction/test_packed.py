"""What is packed in a text."""

import base64
import json

import pytest

from proxy.redaction.packed import MAX_DEPTH, base64_cleaned, decoded, percent_cleaned, unescaped
from proxy.redaction.prefilter import is_clean
from proxy.redaction.text import scan
from proxy.redaction.tokens import Tokens

TOKENS = Tokens(b"k" * 32)
PAN = "4111111111111111"


def clean(text: str) -> str:
    return text.replace(PAN, "pan_x") if PAN in text else text


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_each_packing() -> None:
    assert unescaped("&#52;111111111111111 \\u0034111", clean) == f"{PAN} 4111"
    assert unescaped("&#52;1 &amp;", clean) == "&#52;1 &amp;"
    assert percent_cleaned("a=%34111111111111111&b=%41", clean) == "a=pan_x&b=%41"
    assert base64_cleaned(f"x {packed(PAN)} y", clean, str) == f"x {packed('pan_x')} y"


@pytest.mark.parametrize(
    "spelled",
    [
        packed(PAN),
        packed(PAN).rstrip("="),
        base64.urlsafe_b64encode(f"\u07ff\u07ff {PAN}".encode()).decode(),
        f"data:text/plain;base64,{packed(PAN)}",
        f"/v1/cards/{packed(PAN)}",
        f"card_{packed(PAN)}",
        packed(json.dumps({"card": {"number": PAN, "cvc": "123"}})),
        packed(packed(PAN)),
        "".join(f"%{ord(sign):02x}" for sign in PAN),
        "".join(f"%25{ord(sign):02x}" for sign in PAN),
        "".join(f"&#{ord(sign)};" for sign in PAN),
        "".join(f"&#x{ord(sign):x};" for sign in PAN),
        "".join(f"\\u00{ord(sign):x}" for sign in PAN),
        f"Basic {packed('ann:' + PAN)}",
    ],
)
def test_a_card_number_is_found_in_each(spelled: str) -> None:
    assert not is_clean(spelled.encode(), "utf-8")
    kept = scan(spelled, TOKENS)
    assert PAN not in "".join(_unpackings(kept))
    assert scan(kept, TOKENS) == kept


def _unpackings(text: str) -> list[str]:
    found = [text]
    while (octets := decoded(found[-1].rpartition(" ")[2].rpartition(",")[2].rpartition("/")[2])) and len(found) < 6:
        found.append(octets.decode("utf-8", "replace"))
    return found


def test_what_is_packed_too_deep_is_withheld_whole() -> None:
    text = PAN
    for _ in range(MAX_DEPTH + 3):
        text = packed(text)
    kept = scan(text, TOKENS)
    assert kept != text
    while decoded(kept) and kept != PAN:
        kept = (decoded(kept) or b"").decode("utf-8", "replace")
    assert kept != PAN


@pytest.mark.parametrize(
    "text", ["100% of it", "a%20b", packed("hello, dear reader!"), "pay_3MtwBwLkdIwHu7ix28a3tqPa", "deadbeef" * 8]
)
def test_leaves_alone(text: str) -> None:
    assert scan(text, TOKENS) is text


def test_gzip_in_base64_is_withheld() -> None:
    assert scan("H4sIAAAAAAAAAzM0AgDNZ1Y0BAAAAA==", TOKENS).startswith("secret_")
