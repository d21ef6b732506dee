"""What merchants do, as a pure plan: the same seed gives the same requests in the same order.

Law of this file: within one flow every write comes before the first read. A shadowed read reaches the service a little
after the monolith answered it, and both work on one database, so a write in between would look like a difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

FLOW_LENGTH = 40
"""Requests of one whole flow. The first flow alone meets every planted mistake."""

COUNTRIES = ("FR", "DE", "IT", "ES", "US")
CATEGORIES = ("standard", "accommodation", "food", "staple_food", "books", "press")
CARDS = ("4242424242424242", "5555555555554444", "378282246310005")
DECLINED_CARD = "4000000000000002"
HALF_CENTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "FR": ("food", ("3.00", "7.00", "11.00")),
    "DE": ("standard", ("1.50", "3.50", "5.50")),
    "IT": ("standard", ("0.75", "1.75", "2.75")),
    "ES": ("standard", ("0.50", "2.50", "4.50")),
}
"""A category and prices whose VAT ends in half a cent after an even one, where half up and half to even part."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request and the status that the monolith should give it.

    `path` may hold `{name}`s of ids that earlier steps of the flow saved; `save` is the name for the id in this answer.
    A step that saves under a name in use must get the same id again: it is a repeated request.
    """

    method: str
    path: str
    expect: int
    body: object = None
    key: str | None = None
    save: str | None = None


Flow = tuple[Step, ...]


def plan(requests: int, seed: int) -> tuple[Flow, ...]:
    """Flows of `requests` steps in all, at least one; the last flow may be cut short. Raises ValueError below one."""
    if requests < 1:
        raise ValueError(f"requests must be at least 1, not {requests}")
    random = Random(seed)
    flows = [_flow(f"merchant-{seed}-{number:04d}", number, random) for number in range(-(-requests // FLOW_LENGTH))]
    last = requests - FLOW_LENGTH * (len(flows) - 1)
    return (*flows[:-1], flows[-1][:last])


def _flow(merchant: str, number: int, random: Random) -> Flow:
    country = COUNTRIES[number % len(COUNTRIES)]
    writes = (*_payments(merchant, country, random), *_invoices(merchant, country, random))
    reads = _tour(merchant)
    more = random.choices(reads, k=FLOW_LENGTH - len(writes) - len(reads))
    return (*writes, *reads, *more)


def _payments(merchant: str, country: str, random: Random) -> Flow:
    first, second, third = (_payment(merchant, country, random) for _ in range(3))
    declined = {**first, "card": _card(DECLINED_CARD)}
    return (
        Step("POST", "/v1/payments", 201, first, f"{merchant}-first", "first"),
        Step("POST", "/v1/payments", 201, first, f"{merchant}-first", "first"),
        Step("POST", "/v1/payments", 422, second, f"{merchant}-first"),
        Step("POST", "/v1/payments", 201, second, f"{merchant}-second", "second"),
        Step("POST", "/v1/payments", 201, third, None, "third"),
        Step("POST", "/v1/payments", 402, declined, f"{merchant}-declined"),
        Step("POST", "/v1/payments", 422, {**first, "amount": -1}),
        Step("POST", "/v1/payments/{first}/capture", 200, None, f"{merchant}-capture"),
        Step("POST", "/v1/payments/{first}/capture", 409),
        Step("POST", "/v1/payments/{second}/capture", 200),
        Step("POST", "/v1/payments/{second}/refund", 201, {"reason": "returned"}, f"{merchant}-refund", "refund"),
        Step("POST", "/v1/payments/{third}/refund", 409),
    )


def _invoices(merchant: str, country: str, random: Random) -> Flow:
    tied, plain = (_invoice(merchant, country, lines) for lines in (_tied_lines(country, random), _lines(random)))
    return (
        Step("POST", "/v1/invoices", 201, tied, f"{merchant}-invoice", "tied"),
        Step("POST", "/v1/invoices", 201, plain, None, "plain"),
        Step("POST", "/v1/invoices", 422, {**plain, "country": "XX"}),
    )


def _tour(merchant: str) -> Flow:
    return (
        *(Step("GET", f"/v1/payments/{{{name}}}", 200) for name in ("first", "second", "third")),
        Step("GET", f"/v1/payments/pay_unknown{merchant.replace('-', '')}", 404),
        Step("GET", f"/v1/payments?merchant={merchant}", 200),
        Step("GET", f"/v1/payments?merchant={merchant}&limit=2", 200),
        Step("GET", f"/v1/payments?merchant={merchant}&limit=0", 422),
        Step("GET", f"/v1/payments?merchant={merchant}-nobody", 200),
        Step("GET", "/v1/refunds/{refund}", 200),
        Step("GET", "/v1/refunds/re_unknown", 404),
        Step("GET", f"/v1/merchants/{merchant}/balance", 200),
        *(Step("GET", f"/v1/invoices/{{{name}}}", 200) for name in ("tied", "plain")),
        Step("GET", "/v1/invoices/inv_unknown", 404),
        Step("GET", "/healthz", 200),
        Step("GET", "/v1/nothing-here", 404),
    )


def _payment(merchant: str, country: str, random: Random) -> dict[str, object]:
    return {
        "merchant": merchant,
        "amount": random.randint(100, 250_000),
        "currency": "USD" if country == "US" else "EUR",
        "description": random.choice((None, "Café crème × 2", "Abonnement annuel", "Order 1042")),
        "card": _card(random.choice(CARDS)),
    }


def _card(number: str) -> dict[str, object]:
    return {"number": number, "exp_month": 12, "exp_year": 2034, "cvc": "1234" if number.startswith("3") else "123"}


def _invoice(merchant: str, country: str, lines: list[dict[str, object]]) -> dict[str, object]:
    return {"merchant": merchant, "country": country, "currency": "USD" if country == "US" else "EUR", "lines": lines}


def _lines(random: Random) -> list[dict[str, object]]:
    cents = [random.randint(100, 99_999) for _ in range(random.randint(1, 4))]
    return [
        {
            "description": f"Item {place}",
            "category": random.choice(CATEGORIES),
            "quantity": random.randint(1, 12),
            "unit_price": f"{price // 100}.{price % 100:02d}",
        }
        for place, price in enumerate(cents, start=1)
    ]


def _tied_lines(country: str, random: Random) -> list[dict[str, object]]:
    """Ordinary lines and, where there is VAT, one whose VAT ends in half a cent."""
    if country not in HALF_CENTS:
        return _lines(random)
    category, prices = HALF_CENTS[country]
    tied = {"description": "Sample", "category": category, "quantity": 1, "unit_price": random.choice(prices)}
    return [*_lines(random), tied]
