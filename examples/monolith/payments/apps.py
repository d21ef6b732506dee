"""The Django application `payments`; its label names the tables."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "examples.monolith.payments"
    label = "payments"
