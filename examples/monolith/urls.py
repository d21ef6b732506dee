"""Which URL is answered by which view, and how the monolith says that there is none."""

from django.urls import path

from examples.monolith.payments import views

urlpatterns = [
    path("healthz", views.HealthView.as_view()),
    path("v1/payments", views.PaymentsView.as_view()),
    path("v1/payments/<str:public_id>", views.PaymentView.as_view()),
    path("v1/payments/<str:public_id>/capture", views.CaptureView.as_view()),
    path("v1/payments/<str:public_id>/refund", views.RefundView.as_view()),
    path("v1/refunds/<str:public_id>", views.RefundDetailView.as_view()),
    path("v1/merchants/<str:merchant>/balance", views.BalanceView.as_view()),
    path("v1/invoices", views.InvoicesView.as_view()),
    path("v1/invoices/<str:public_id>", views.InvoiceView.as_view()),
]

handler400 = views.bad_request
handler404 = views.no_such_page
handler500 = views.broken
