"""Attacks on copies of the demo."""

import json

import typer

from gateway.cli.options import AsJson, Home, settings

app = typer.Typer(help="See the proof at work.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """See the proof at work."""


@app.command("tamper")
def tamper(home: Home = None, json_: AsJson = False) -> None:
    """Attack copies of the installation, each attacker with the keys they hold, and audit them.

    The installation itself is not touched. Exit 0 when every attack was found.
    """
    from gateway import wiring
    from gateway.workflows.tamper import tamper as attacks

    chosen = settings(home)
    wiring.open_(chosen).close()  # says what to do when there is none
    outcomes = []
    for outcome in attacks(chosen):
        outcomes.append(outcome)
        if json_:
            continue
        attack = outcome.attack
        typer.echo(f"{attack.name}")
        typer.echo(f"  who    {attack.attacker}")
        typer.echo(f"  holds  {attack.holds}")
        typer.echo(f"  does   {attack.does}")
        finding = str(outcome.report.findings[0]) if outcome.report.findings else "nothing"
        typer.echo(f"  audit  {outcome.report.verdict} (exit {outcome.report.exit_code}): {finding}")
        typer.echo("")
    if json_:
        typer.echo(
            json.dumps(
                [
                    {
                        "attack": outcome.attack.name,
                        "attacker": outcome.attack.attacker,
                        "holds": outcome.attack.holds,
                        "does": outcome.attack.does,
                        "verdict": outcome.report.verdict,
                        "exit": outcome.report.exit_code,
                        "findings": [finding.to_json() for finding in outcome.report.findings],
                    }
                    for outcome in outcomes
                ],
                ensure_ascii=False,
            )
        )
    else:
        found = sum(outcome.found for outcome in outcomes)
        typer.echo(f"{found} of {len(outcomes)} attacks found; the installation itself was not touched.")
        typer.echo("What no log can find: a true inspector who signs a lie, or a copied code.")
    raise typer.Exit(0 if all(outcome.found for outcome in outcomes) else 3)
