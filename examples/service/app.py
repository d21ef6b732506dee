"""The service for a web server: `python -m uvicorn examples.service.app:app --port 8003`.

STRANGLER_DEMO_DATABASE (required) is the path of the monolith's SQLite file, migrated by the monolith.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from examples.service import errors, reads, writes
from examples.service.database import Database


def create_app(database_path: str) -> FastAPI:
    """The application on one database; the connections close when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.database = Database(database_path)
        yield
        app.state.database.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False)
    app.include_router(reads.router)
    app.include_router(writes.router)
    app.exception_handler(errors.ApiError)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_no_such_page)
    app.exception_handler(Exception)(_broken)
    return app


def _refused(request: Request, error: errors.ApiError) -> JSONResponse:
    return errors.response(error)


def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    return errors.response(errors.first_invalid([found["loc"][1:] for found in error.errors()]))


def _no_such_page(request: Request, error: HTTPException) -> JSONResponse:
    if error.status_code == 405:
        refusal = errors.ApiError(405, "method_not_allowed", f"{request.method} is not allowed here")
        return errors.response(refusal, error.headers)
    return errors.response(errors.ApiError(404, "not_found", "there is nothing at this address"))


def _broken(request: Request, error: Exception) -> JSONResponse:
    return errors.response(errors.ApiError(500, "internal_error", "the service failed; the request may be repeated"))


def _database_path() -> str:
    path = os.environ.get("STRANGLER_DEMO_DATABASE")
    if not path:
        raise SystemExit("set STRANGLER_DEMO_DATABASE to the path of the monolith's SQLite file")
    return path


app = create_app(_database_path())
