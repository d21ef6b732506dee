"""What clients may ask for. Pydantic reads it strictly: a number in quotes is not a number, nor is true."""

from decimal import Decimal
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from examples.service import errors
from examples.service.vat import CENT, Category, Country

Merchant = Annotated[str, Field(pattern=r"^[a-z0-9_-]{3,64}$")]
Limit = Annotated[str, Field(pattern=r"^(100|[1-9][0-9]?)$")]
Currency = Literal["EUR", "USD", "GBP", "CHF"]
Text = Annotated[str, Field(min_length=1, max_length=200)]
_BRANDS = {"4": "visa", "5": "mastercard", "3": "amex"}


def _luhn(number: str) -> str:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    if sum(value - 9 if value > 9 else value for value in doubled) % 10:
        raise ValueError("the card number's check digit is wrong")
    return number


class Command(BaseModel):
    """What all commands share: strict types, frozen values, unknown keys left alone."""

    model_config = ConfigDict(strict=True, frozen=True)


class Card(Command):
    """A card that passed the Luhn check; never shown, never kept."""

    number: Annotated[str, Field(pattern=r"^[0-9]{12,19}$", repr=False), AfterValidator(_luhn)]
    exp_month: Annotated[int, Field(ge=1, le=12)]
    exp_year: Annotated[int, Field(ge=2000, le=2100)]
    cvc: Annotated[str, Field(pattern=r"^[0-9]{3,4}$", repr=False)]

    @property
    def brand(self) -> str:
        return _BRANDS.get(self.number[0], "unknown")


class CreatePayment(Command):
    """`amount` is in minor units of `currency`."""

    merchant: Merchant
    amount: Annotated[int, Field(ge=1, le=99_999_999)]
    currency: Currency
    description: Text | None = None
    card: Card


class Refund(Command):
    reason: Text | None = None


class Line(Command):
    """`unit_price` is a decimal in a string, so that no float comes near it: "19.90"."""

    description: Text
    category: Category
    quantity: Annotated[int, Field(ge=1, le=1000)]
    unit_price: Annotated[str, Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,2})?$")]

    @property
    def price(self) -> Decimal:
        return Decimal(self.unit_price).quantize(CENT)


class IssueInvoice(Command):
    merchant: Merchant
    country: Country
    currency: Currency
    lines: Annotated[list[Line], Field(min_length=1, max_length=20)]


C = TypeVar("C", bound=Command)


def load(kind: type[C], raw: bytes) -> C:
    """The command in `raw`; an empty body is an empty object. ApiError: 400 if it isn't JSON, 422 if it isn't right."""
    try:
        return kind.model_validate_json(raw or b"{}")
    except ValidationError as refused:
        found = refused.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        raise errors.not_json()
    raise errors.first_invalid([error["loc"] for error in found])
