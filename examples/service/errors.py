"""Each way in which the service says no: the monolith's statuses and codes, as clients rely on them."""

import secrets
from collections.abc import Mapping, Sequence

from fastapi.responses import JSONResponse


class ApiError(Exception):
    """A refusal that the client can read: an HTTP status, a code for programs, a message for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def invalid(field: str) -> ApiError:
    return ApiError(422, "validation_error", f"{field} is missing or not valid")


def first_invalid(places: Sequence[tuple[str | int, ...]]) -> ApiError:
    """The refusal that names the first of pydantic's `loc`s; an empty one is the body as a whole."""
    return invalid(".".join(str(part) for part in places[0]) or "body")


def not_json() -> ApiError:
    return ApiError(400, "invalid_json", "the body is not valid JSON")


def too_large() -> ApiError:
    return ApiError(413, "body_too_large", "the body is larger than 64 KiB")


def not_found(what: str, public_id: str) -> ApiError:
    return ApiError(404, f"{what}_not_found", f"no {what} {public_id}")


def card_declined() -> ApiError:
    return ApiError(402, "card_declined", "the card was declined by its bank")


def not_capturable(public_id: str, status: str) -> ApiError:
    return ApiError(409, "payment_not_capturable", f"payment {public_id} is {status}")


def not_refundable(public_id: str, status: str) -> ApiError:
    return ApiError(409, "payment_not_refundable", f"payment {public_id} is {status}")


def key_reused() -> ApiError:
    return ApiError(422, "idempotency_key_reused", "this Idempotency-Key belongs to another request")


def response(error: ApiError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The refusal as {"error": {"code", "message", "request_id"}}; the request id is new each time."""
    body = {"code": error.code, "message": error.message, "request_id": f"req_{secrets.token_hex(8)}"}
    return JSONResponse({"error": body}, status_code=error.status, headers=headers)
