"""`contentdesk doctor`: runs with whatever is broken, so it asks for no app."""

import click

from contentdesk.doctor.examine import examine, worst
from contentdesk.doctor.findings import Grade
from contentdesk.doctor.telling import as_json, as_table
from contentdesk.doctor.ward import open_ward


@click.command("doctor")
@click.option("--online", is_flag=True, help="Asks one account of each platform too.")
@click.option("--json", "machine", is_flag=True, help="For machines.")
@click.pass_context
def doctor(context: click.Context, online: bool, machine: bool) -> None:
    """Says in words what is wrong, what that means for posts and what to do; exit status 1 when something is wrong."""
    results = examine(open_ward(online=online))
    click.echo(as_json(results) if machine else as_table(results))
    context.exit(1 if worst(results) == Grade.WRONG else 0)
