"""`strangler override`: a stage for a route, a group or all routes, at once and for a while; and its end."""

import getpass

import click

from proxy.cli.admin import admin_url_option, change, token_file_option
from proxy.cli.options import duration, json_option
from proxy.messages import Stage


def _duration(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """The text, once it is known to be one."""
    duration(context, parameter, value)
    return value


@click.command(name="override")
@click.argument("what", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All routes: the kill switch.")
@click.option("--weight", type=click.FloatRange(0, 100, min_open=True), help="Per cent of the keys; of a canary alone.")
@click.option("--for", "lasts", callback=_duration, envvar="STRANGLER_FOR", help="How long, like 30m; compulsory.")
@click.option("--reason", envvar="STRANGLER_REASON", help="Why; it stands in the audit log. Compulsory.")
@click.option("--ticket", envvar="STRANGLER_TICKET", help="The ticket that it belongs to.")
@click.option(
    "--break-glass",
    is_flag=True,
    envvar="STRANGLER_BREAK_GLASS",
    help="Also if the writes have not been pinned for long enough; it stands in the audit log.",
)
@click.option("--by", default=None, envvar="STRANGLER_BY", help="Who; you, if left out.")
@admin_url_option
@token_file_option
@json_option
def command(
    what: tuple[str, ...],
    everything: bool,
    weight: float | None,
    lasts: str | None,
    reason: str | None,
    ticket: str | None,
    break_glass: bool,
    by: str | None,
    admin_url: str,
    token_file: str | None,
    as_json: bool,
) -> None:
    """Override a stage: `override NAME STAGE` (a route or a group), `override --all STAGE`; `override clear NAME`.

    It is in force within a second, survives restarts, and ends by itself. Exits 0; 1 if it was refused; 2 usage; 3 if
    no strangler answers at the admin URL.
    """
    who = by or getpass.getuser()
    if what[:1] == ("clear",):
        name = _one(what[1:], everything, "override clear NAME, or override clear --all")
        change(admin_url, token_file, "DELETE", _path(name), {"by": who}, as_json)
        return
    name, stage = _name_and_stage(what, everything)
    if lasts is None or not reason:
        raise click.UsageError("--for and --reason are compulsory: an override ends, and the audit log says why it was")
    said = {"stage": stage, "for": lasts, "reason": reason, "by": who, "weight": weight, "ticket": ticket}
    given = {key: value for key, value in said.items() if value is not None}
    if break_glass:
        given["breakGlass"] = True
    change(admin_url, token_file, "POST", _path(name), given, as_json)


def _name_and_stage(what: tuple[str, ...], everything: bool) -> tuple[str | None, str]:
    if len(what) != (1 if everything else 2):
        raise click.UsageError("say override NAME STAGE, or override --all STAGE")
    stage = what[-1]
    if stage not in [each.value for each in Stage]:
        raise click.UsageError(f"{stage} is no stage; there is {', '.join(Stage)}")
    return (None if everything else what[0]), stage


def _one(names: tuple[str, ...], everything: bool, usage: str) -> str | None:
    if len(names) != (0 if everything else 1):
        raise click.UsageError(f"say {usage}")
    return None if everything else names[0]


def _path(name: str | None) -> list[str]:
    return ["api", "v1", "override"] if name is None else ["api", "v1", "routes", name, "override"]
