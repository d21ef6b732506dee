"""What the official stripe SDK is asked to do, in order: books that both servers get, reads to be compared, and work.

Law of this file: it only names SDK calls, and knows no address, no proxy, no server. What a client may name (products,
plans, coupons) has the same id everywhere; what a server names is passed on as `@` and the name of the call that made
it. Card numbers are Stripe's published test numbers. Lists whose order depends on the second in which their entries
were made (refunds, invoice items) have one entry only.
"""

from dataclasses import dataclass

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Call:
    """One use of the SDK: `method` of `StripeClient.v1` with path ids, parameters and request options."""

    name: str
    method: str
    path: tuple[str, ...]
    params: dict[str, Json]
    options: dict[str, str]
    every_page: bool = False


def call(name: str, method: str, /, *path: str, **params: Json) -> Call:
    return Call(name, method, path, params, {})


def pages(name: str, method: str, /, **params: Json) -> Call:
    return Call(name, method, (), params, {}, every_page=True)


def call_with(options: dict[str, str], name: str, method: str, /, *path: str, **params: Json) -> Call:
    return Call(name, method, path, params, options)


def card(number: str, exp_month: int = 12) -> dict[str, Json]:
    return {"number": number, "exp_month": exp_month, "exp_year": 2031, "cvc": "123"}


VISA = card("4242424242424242")
BROKE = card("4000000000000341")
NEVER = card("4000000000000002")

BOOKS = (
    call("balance", "balance.retrieve"),
    call("tea", "products.create", id="tea", name="Thé vert", metadata={"sku": "T-1", "note": "50 % & more"}),
    call("coffee", "products.create", id="coffee", name="Coffee", statement_descriptor="COFFEE"),
    call("cup", "products.create", id="cup", name="Cup", type="good", active=False),
    call("grey", "products.create", id="earl:grey-é", name="Earl Grey ☕"),
    call("pot", "products.create", id="pot", name="Pot", description="for two"),
    call("monthly", "plans.create", id="tea-monthly", amount=1050, currency="eur", interval="month", product="tea"),
    call("yearly", "plans.create", id="tea-yearly", amount=9900, currency="eur", interval="year", product="tea"),
    call(
        "tiered",
        "plans.create",
        id="pots",
        currency="eur",
        interval="month",
        product="pot",
        billing_scheme="tiered",
        tiers_mode="graduated",
        tiers=[
            {"up_to": 10, "unit_amount": 500, "flat_amount": 0},
            {"up_to": "inf", "unit_amount": 400, "flat_amount": 9},
        ],
    ),
    call("welcome", "coupons.create", id="WELCOME", percent_off=12.5, duration="once"),
    call(
        "minus5",
        "coupons.create",
        id="MINUS5",
        amount_off=500,
        currency="eur",
        duration="repeating",
        duration_in_months=3,
    ),
    call("tva", "tax_rates.create", display_name="TVA", inclusive=False, percentage=5.5, jurisdiction="FR"),
    call("iva", "tax_rates.create", display_name="IVA", inclusive=True, percentage=21, jurisdiction="ES"),
    call("visa", "payment_methods.create", type="card", card=VISA, billing_details={"name": "Anna Müller"}),
    call("broke", "payment_methods.create", type="card", card=BROKE),
    call(
        "anna",
        "customers.create",
        name="Anna Müller",
        email="anna@example.com",
        payment_method="@visa",
        invoice_settings={"default_payment_method": "@visa"},
        preferred_locales=["fr", "de"],
        address={"line1": "12 rue de la Paix", "postal_code": "75002", "city": "Paris", "country": "FR"},
        tax_id_data=[{"type": "eu_vat", "value": "FR12345678901"}],
        metadata={"crm": "42"},
    ),
    call(
        "bruno",
        "customers.create",
        email="bruno@example.com",
        tax_id_data=[{"type": "nz_gst", "value": "49-098-576-1"}],
    ),
    call("token", "tokens.create", card=VISA),
    call("bruno's card", "customers.payment_sources.create", "@bruno", source="@token"),
    call("paid", "charges.create", amount=2000, currency="eur", customer="@anna", source="@visa", description="2 teas"),
    call("held", "charges.create", amount=700, currency="eur", customer="@anna", source="@visa", capture=False),
    call("bruno's", "charges.create", amount=999, currency="eur", customer="@bruno", metadata={"order": "17"}),
    call("refund", "refunds.create", charge="@paid", amount=500, metadata={"why": "cold"}),
    call(
        "intent",
        "payment_intents.create",
        amount=4200,
        currency="eur",
        customer="@anna",
        payment_method="@visa",
        confirm=True,
    ),
    call("waiting", "payment_intents.create", amount=4300, currency="eur", customer="@anna", metadata={"order": "18"}),
    call(
        "subscription",
        "subscriptions.create",
        customer="@anna",
        items=[{"plan": "tea-monthly"}],
        default_tax_rates=["@tva"],
    ),
    call("untaxed", "subscriptions.create", customer="@bruno", items=[{"plan": "pots", "quantity": 3}]),
    call("extra", "invoice_items.create", customer="@anna", amount=250, currency="eur", description="a cup"),
    call("payout", "payouts.create", amount=1500, currency="eur", description="weekly"),
    call("setup", "setup_intents.create", customer="@anna", metadata={"step": "1"}),
)
"""What both servers have before the proxy starts, so that reads by name and whole lists say the same on both."""

READS = (
    pages("products, page by page", "products.list", limit=2),
    call("products on sale", "products.list", active=True),
    call("one product", "products.retrieve", "tea"),
    call("a product whose id is escaped", "products.retrieve", "earl:grey-é"),
    call("no such product", "products.retrieve", "no-such-product"),
    call("a list with an unknown parameter", "products.list", ending_before="tea"),
    call("a list of nothing", "products.list", limit=0),
    call_with({"api_key": "not_a_key"}, "a wrong key", "products.list"),
    pages("plans, page by page", "plans.list", limit=1),
    call("plans of a product", "plans.list", product="tea", limit=5),
    call("one plan", "plans.retrieve", "tea-monthly"),
    call("a tiered plan", "plans.retrieve", "pots"),
    call("a bad expand", "plans.retrieve", "pots", expand=["nothing"]),
    call("coupons", "coupons.list"),
    call("one coupon", "coupons.retrieve", "WELCOME"),
    call("no such coupon", "coupons.retrieve", "NEVER"),
    call("a customer by address", "customers.list", email="anna@example.com"),
    call("a customer outside the EU", "customers.list", email="bruno@example.com"),
    call("tax rates", "tax_rates.list"),
    call("charges", "charges.list"),
    call("charges and customers", "charges.list", limit=2, expand=["data.customer"]),
    call("payment intents", "payment_intents.list"),
    call("invoices", "invoices.list"),
    call("subscriptions", "subscriptions.list", status="all"),
    call("pending invoice items", "invoice_items.list"),
    call("refunds", "refunds.list"),
    call("refunds of no such intent", "refunds.list", payment_intent="pi_none"),
    call("payouts", "payouts.list"),
    call("setup intents", "setup_intents.list"),
    call("events of a kind", "events.list", type="product.created"),
    call("the balance", "balance.retrieve"),
    call("a ready-made payment method", "payment_methods.retrieve", "pm_card_visa"),
)
"""GETs that mean the same on both servers: asked by name, or for a whole list. These are shadowed and compared."""

WORK = (
    call("clara", "customers.create", name="Clara Núñez", email="clara@example.com", metadata={"a": "1", "b": "2"}),
    call("clara again", "customers.retrieve", "@clara"),
    call(
        "clara moves", "customers.update", "@clara", address={"city": "Sevilla", "country": "ES"}, metadata={"b": "3"}
    ),
    call("clara moved", "customers.retrieve", "@clara", expand=["subscriptions"]),
    call("clara's tax id", "customers.tax_ids.create", "@clara", type="eu_vat", value="ES12345678Z"),
    call("clara's tax ids", "customers.tax_ids.list", "@clara"),
    call("a bad tax id", "customers.tax_ids.create", "@clara", type="eu_vat", value="ES1"),
    call("card", "payment_methods.create", type="card", card=VISA),
    call("attached", "payment_methods.attach", "@card", customer="@clara"),
    call("clara's cards", "payment_methods.list", customer="@clara", type="card"),
    call("refused card", "payment_methods.create", type="card", card=NEVER),
    call("declined when attached", "payment_methods.attach", "@refused card", customer="@clara"),
    call("thirteenth month", "payment_methods.create", type="card", card=card("4242424242424242", exp_month=13)),
    call_with(
        {"idempotency_key": "charge-0001"},
        "charge",
        "charges.create",
        amount=1999,
        currency="eur",
        customer="@clara",
        source="@card",
        statement_descriptor="TEA SHOP",
    ),
    call("charge again", "charges.retrieve", "@charge", expand=["customer", "balance_transaction"]),
    call("note on a charge", "charges.update", "@charge", description="räksmörgås"),
    call("declined charge", "charges.create", amount=500, currency="eur", customer="@clara", source="@broke"),
    call("charge without an amount", "charges.create", currency="eur", customer="@clara"),
    call("half back", "refunds.create", charge="@charge", amount=999),
    call("after the refund", "charges.retrieve", "@charge"),
    call("refund of nothing", "refunds.create", charge="ch_none"),
    call("hold", "charges.create", amount=3000, currency="eur", customer="@clara", source="@card", capture=False),
    call("captured in part", "charges.capture", "@hold", amount=1000),
    call("captured twice", "charges.capture", "@hold"),
    call("intent", "payment_intents.create", amount=777, currency="eur", customer="@clara", payment_method="@card"),
    call("confirmed", "payment_intents.confirm", "@intent"),
    call("intent again", "payment_intents.retrieve", "@intent", expand=["customer", "latest_charge"]),
    call("confirmed twice", "payment_intents.confirm", "@intent"),
    call("given up", "payment_intents.create", amount=778, currency="eur"),
    call("cancelled", "payment_intents.cancel", "@given up"),
    call("default card", "customers.update", "@clara", invoice_settings={"default_payment_method": "@card"}),
    call("subscription", "subscriptions.create", customer="@clara", items=[{"plan": "tea-monthly", "quantity": 2}]),
    call("its end", "subscriptions.update", "@subscription", cancel_at_period_end=True, metadata={"why": "tea"}),
    call("its invoice", "invoices.retrieve", "@subscription.latest_invoice", expand=["payment_intent"]),
    call("the invoice's lines", "invoices.line_items.list", "@subscription.latest_invoice", limit=3),
    call("paid already", "invoices.pay", "@subscription.latest_invoice"),
    call("cancelled subscription", "subscriptions.cancel", "@subscription"),
    call("new product", "products.create", id="mug", name="Mug", url="https://example.com/mug?x=1&y=2"),
    call("the same product", "products.create", id="mug", name="Mug"),
    call("product renamed", "products.update", "mug", name="Tasse à thé"),
    call("product gone", "products.delete", "mug"),
    call("product gone already", "products.delete", "mug"),
    call("coupon ends", "coupons.delete", "WELCOME"),
    call("coupon ended already", "coupons.delete", "WELCOME"),
    call("clara detached", "payment_methods.detach", "@card"),
    call("clara leaves", "customers.delete", "@clara"),
    call("clara left", "customers.retrieve", "@clara"),
    call("no such event", "events.retrieve", "evt_none"),
)
"""Writes, and reads of ids that only one server knows: legacy alone does this work, and it comes after the reads."""
