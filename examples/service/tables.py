"""The monolith's tables, as this service sees them. Django's migrations own the schema; nothing here makes a table."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import Dialect, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, spelled in the column as Django spells it, so that both systems sort it alike."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value.astimezone(UTC).replace(tzinfo=None))

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal with fixed places. SQLite keeps Django's decimals as floats; within 15 digits that loses nothing."""

    impl = String
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: float | str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(str(value)).quantize(Decimal(1).scaleb(-self.places))


class Base(DeclarativeBase):
    """Where SQLAlchemy keeps what it knows of the tables below."""


class Payment(Base):
    __tablename__ = "payments_payment"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str]
    merchant: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    status: Mapped[str]
    description: Mapped[str | None]
    card_brand: Mapped[str]
    card_last4: Mapped[str]
    card_exp_month: Mapped[int]
    card_exp_year: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    captured_at: Mapped[datetime | None] = mapped_column(Instant)
    refunded_at: Mapped[datetime | None] = mapped_column(Instant)


class Refund(Base):
    __tablename__ = "payments_refund"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments_payment.id"))
    payment: Mapped[Payment] = relationship()
    amount: Mapped[int]
    reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Instant)


class InvoiceLine(Base):
    __tablename__ = "payments_invoiceline"

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("payments_invoice.id"))
    position: Mapped[int]
    description: Mapped[str]
    category: Mapped[str]
    quantity: Mapped[int]
    unit_price: Mapped[Decimal] = mapped_column(Exact(2))
    vat_rate: Mapped[Decimal] = mapped_column(Exact(1))


class Invoice(Base):
    __tablename__ = "payments_invoice"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str]
    merchant: Mapped[str]
    country: Mapped[str]
    currency: Mapped[str]
    net_total: Mapped[Decimal] = mapped_column(Exact(2))
    vat_total: Mapped[Decimal] = mapped_column(Exact(2))
    total: Mapped[Decimal] = mapped_column(Exact(2))
    note: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    lines: Mapped[list[InvoiceLine]] = relationship(order_by=InvoiceLine.position)


class RememberedAnswer(Base):
    __tablename__ = "payments_rememberedanswer"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    fingerprint: Mapped[str]
    status: Mapped[int]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
