"""The tree of commands. A command's file is imported when the command is called, not before."""

import os
import sys

import click

from schemas.errors import Error, StoreError
from tui.diagnostics import ExitCode, refuse_in_json, report, say
from tui.lazy import lazy_group
from tui.settings import Settings

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("tui.commands.init", "Make a registry: first key, trust root, log, starter policy."),
    "demo": ("tui.commands.demo", "Fill a registry from recorded real runs and open it."),
    "import": ("tui.commands.import_", "Take in what other tools recorded."),
    "export": ("tui.commands.export", "Give what the registry knows to other tools."),
    "serve": ("tui.commands.serve", "Receive OpenLineage events over HTTP."),
    "token": ("tui.commands.token", "Say who may post events."),
    "quarantine": ("tui.commands.quarantine", "See what could not be taken, and try it again."),
    "alias": ("tui.commands.alias", "See and decide which names are one dataset."),
    "imported": ("tui.commands.imported", "See what other registries say about their models."),
    "models": ("tui.commands.models", "List governed model versions."),
    "runs": ("tui.commands.runs", "List runs."),
    "jobs": ("tui.commands.jobs", "List jobs."),
    "datasets": ("tui.commands.datasets", "List datasets."),
    "edges": ("tui.commands.edges", "List lineage edges."),
    "show": ("tui.commands.show", "Show all about one thing: a version, run, dataset or job."),
    "lineage": ("tui.commands.lineage", "Show what a thing came from and what came from it."),
    "register": ("tui.commands.register", "Register a model version by its files."),
    "link": ("tui.commands.link", "Link the run that trained a version, or its name elsewhere."),
    "evidence": ("tui.commands.evidence", "Add, list and read evidence."),
    "evaluation": ("tui.commands.evaluation", "See what other tools reported about a version."),
    "monitoring": ("tui.commands.monitoring", "See what monitoring saw of a version in use."),
    "bias": ("tui.commands.bias", "Check outcomes by group."),
    "risk": ("tui.commands.risk", "Assess the risk of a model version."),
    "policy": ("tui.commands.policy", "Show and sign the policy set in force."),
    "request": ("tui.commands.request", "Freeze the dossier and ask for a decision."),
    "queue": ("tui.commands.queue", "List what waits for a decision."),
    "dossier": ("tui.commands.dossier", "Print exactly what is signed."),
    "changes": ("tui.commands.changes", "Show what changed since the last approval."),
    "approve": ("tui.commands.approve", "Sign an approval of a dossier."),
    "reject": ("tui.commands.reject", "Sign a rejection of a dossier."),
    "abstain": ("tui.commands.abstain", "Sign an abstention on a dossier."),
    "decision": ("tui.commands.decision_submit", "Record a decision that was signed elsewhere."),
    "withdraw": ("tui.commands.withdraw", "Take one's own decision back."),
    "override": ("tui.commands.override", "End somebody's rejection by the root threshold."),
    "break-glass": ("tui.commands.break_glass", "Let a denied version through for some hours, loudly."),
    "status": ("tui.commands.status", "Show the approval status of one version or of all."),
    "gate": ("tui.commands.gate", "Answer whether a version may be deployed."),
    "bundle": ("tui.commands.bundle", "Export and verify signed audit bundles."),
    "audit": ("tui.commands.audit", "Read and check the trail."),
    "key": ("tui.commands.key", "Make and enrol keys."),
    "root": ("tui.commands.root", "Show who may sign what."),
    "people": ("tui.commands.people", "List, rename and forget what people are called."),
    "redact": ("tui.commands.redact", "Erase a body; say first what becomes unprovable."),
    "doctor": ("tui.commands.doctor", "Look the registry over and say what needs doing."),
    "migrate": ("tui.commands.migrate", "Bring the registry's tables up to date."),
}
"""Command -> (module that holds `command`, one line of help shown without importing it)."""


@click.group(cls=lazy_group(COMMANDS), invoke_without_command=True)
@click.option("--registry", envvar="MUNIMENT_REGISTRY", metavar="PATH", help="The registry's folder.")
@click.option(
    "--namespace",
    envvar="MUNIMENT_NAMESPACE",
    default="main",
    show_default=True,
    help="For short model names.",
)
@click.version_option(package_name="muniment")
@click.pass_context
def cli(ctx: click.Context, registry: str | None, namespace: str) -> None:
    """Muniment: governance and lineage of models and datasets, with decisions that can be proved.

    Without a command, opens the review queue in the terminal.
    """
    ctx.obj = Settings(registry, namespace)
    if ctx.invoked_subcommand is None:
        from tui.commands.screens import open_screens  # noqa: PLC0415 - Textual loads only when shown

        open_screens(ctx.obj)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; the one place where every error becomes words."""
    as_json = "--json" in (sys.argv[1:] if arguments is None else arguments)
    try:
        result = cli.main(arguments, prog_name="muniment", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        if as_json:
            refuse_in_json("Usage", error.format_message(), ExitCode.USAGE)
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        say("muniment: interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader closed stdout (`| head`): what was asked for has been printed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.YES
    except Exception as error:  # the outermost handler: a bug must not print a traceback
        if os.environ.get("MUNIMENT_DEBUG") and not isinstance(error, Error):
            raise
        return report(in_words(error), as_json=as_json)
    return result if isinstance(result, int) else ExitCode.YES


def in_words(error: Exception) -> Error:
    """Return what a person is told: our own error as it is, the machine's refusal named, a bug as a bug."""
    if isinstance(error, Error):
        return error
    if isinstance(error, OSError):
        said = (error.strerror or "cannot be used").lower()
        return StoreError(
            f"{error.filename or 'a file'}: {said}", hint="check that it is there, and its permissions"
        )
    return StoreError(
        f"internal error ({type(error).__name__}: {error})",
        hint="run again with MUNIMENT_DEBUG=1 and report what it prints",
    )
