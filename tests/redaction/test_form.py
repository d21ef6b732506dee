"""Forms and query strings, pair by pair."""

from proxy.redaction.form import redact_form, redact_target
from proxy.redaction.paths import PathSet
from proxy.redaction.place import Places
from proxy.redaction.tokens import Sort, Tokens
from proxy.redaction.values import Values

TOKENS = Tokens(b"k" * 32)
VALUES = Values(TOKENS)
PAN = TOKENS.card("4111111111111111")


def form(text: str, *paths: str) -> str:
    return redact_form(text, VALUES, Places(PathSet(paths)))


def test_pairs_without_a_secret_keep_their_bytes() -> None:
    assert form("a=%7E&b=c+d&&=&x&amount=10%2E00") == "a=%7E&b=c+d&&=&x&amount=10%2E00"


def test_cards_and_codes() -> None:
    assert form("card%5Bnumber%5D=4111+1111+1111+1111&c%76c=123") == f"card%5Bnumber%5D={PAN}&c%76c=cvc_removed"


def test_a_number_under_card_needs_no_luhn() -> None:
    assert form("card[number]=4111111111111112") == f"card[number]={TOKENS.card('4111111111111112')}"


def test_tokens_and_cookies() -> None:
    assert form("token=abc&page_token=abc") == f"token={TOKENS.secret(b'abc')}&page_token=abc"
    assert form("cookies[sid]=abc&jsessionid=abc") == "&".join(
        f"{name}={TOKENS.secret(b'abc')}" for name in ("cookies[sid]", "jsessionid")
    )


def test_rules_read_names_as_paths() -> None:
    assert form("owner[iban]=DE89", "$.owner.iban") == f"owner[iban]={TOKENS.of(Sort.IBAN, 'DE89')}"
    assert (
        form("lines[0][sku]=a&lines[1][sku]=b", "$.lines[1].sku")
        == f"lines[0][sku]=a&lines[1][sku]={TOKENS.secret(b'b')}"
    )


def test_targets() -> None:
    target = "/v1/cards/4111111111111111?cvc=123&x=1"
    assert redact_target(target, VALUES, Places(PathSet(()))) == f"/v1/cards/{PAN}?cvc=cvc_removed&x=1"
