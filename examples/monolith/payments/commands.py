"""What clients may ask for, read from untrusted JSON into frozen values; the first wrong field is the one named."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from examples.monolith.payments import errors, fields, vat

CURRENCIES = ("EUR", "USD", "GBP", "CHF")
MERCHANT = r"[a-z0-9_-]{3,64}"
_BRANDS = {"4": "visa", "5": "mastercard", "3": "amex"}


@dataclass(frozen=True, slots=True)
class Card:
    """A card that passed the Luhn check. Lives as long as its request does."""

    number: str
    exp_month: int
    exp_year: int

    @property
    def brand(self) -> str:
        return _BRANDS.get(self.number[0], "unknown")


@dataclass(frozen=True, slots=True)
class CreatePayment:
    """`amount` is in minor units of `currency`."""

    merchant: str
    amount: int
    currency: str
    description: str | None
    card: Card


@dataclass(frozen=True, slots=True)
class Line:
    description: str
    category: str
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class IssueInvoice:
    merchant: str
    country: str
    currency: str
    lines: tuple[Line, ...]


def load(raw: bytes) -> fields.Json:
    """The JSON object in `raw`; an empty body is an empty object. 400 if it isn't JSON, 422 if it isn't an object."""
    try:
        body = json.loads(raw) if raw else {}
        json.dumps(body, ensure_ascii=False).encode()  # refuses half a surrogate pair, which no database stores
    except (ValueError, RecursionError):
        raise errors.not_json() from None
    return fields.as_object(body, "body")


def create_payment(body: fields.Json) -> CreatePayment:
    return CreatePayment(
        merchant=fields.text(body, "merchant", MERCHANT),
        amount=fields.whole(body, "amount", 1, 99_999_999),
        currency=fields.choice(body, "currency", CURRENCIES),
        description=fields.optional_text(body, "description", 200),
        card=_card(fields.section(body, "card")),
    )


def refund_reason(body: fields.Json) -> str | None:
    return fields.optional_text(body, "reason", 200)


def issue_invoice(body: fields.Json) -> IssueInvoice:
    return IssueInvoice(
        merchant=fields.text(body, "merchant", MERCHANT),
        country=fields.choice(body, "country", vat.RATES),
        currency=fields.choice(body, "currency", CURRENCIES),
        lines=tuple(_line(item, f"lines.{index}") for index, item in enumerate(fields.items(body, "lines", 20))),
    )


def page(query: Mapping[str, str]) -> tuple[str, int]:
    """The merchant and the number of payments that a list asks for."""
    merchant = fields.text(query, "merchant", MERCHANT)
    limit = fields.text({"limit": query.get("limit", "10")}, "limit", "100|[1-9][0-9]?")
    return merchant, int(limit)


def _card(body: fields.Json) -> Card:
    number = fields.text(body, "number", "[0-9]{12,19}", "card.")
    if not _luhn(number):
        raise errors.invalid("card.number")
    month = fields.whole(body, "exp_month", 1, 12, "card.")
    year = fields.whole(body, "exp_year", 2000, 2100, "card.")
    fields.text(body, "cvc", "[0-9]{3,4}", "card.")
    return Card(number, month, year)


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _line(item: object, path: str) -> Line:
    body = fields.as_object(item, path)
    return Line(
        description=fields.label(body, "description", 200, f"{path}."),
        category=fields.choice(body, "category", vat.CATEGORIES, f"{path}."),
        quantity=fields.whole(body, "quantity", 1, 1000, f"{path}."),
        unit_price=fields.price(body, "unit_price", f"{path}."),
    )
