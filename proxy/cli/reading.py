"""What the commands that read the store share: a question, and exit 3 when it cannot be read."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

import click

from proxy.store.errors import StoreError
from proxy.store.queries import Queries, open_queries

ENVIRONMENT_FAILED = 3

T = TypeVar("T")


def ask(url: str, question: Callable[[Queries], Awaitable[T]]) -> T:
    """The answer to a question; ends the command with exit 3 if the store cannot be read."""

    async def asked() -> T:
        async with open_queries(url) as queries:
            return await question(queries)

    try:
        return asyncio.run(asked())
    except StoreError as error:
        fail(str(error))


def fail(message: str) -> NoReturn:
    """End the command: its environment is at fault."""
    click.echo(f"error: {message}", err=True)
    raise click.exceptions.Exit(ENVIRONMENT_FAILED)
