"""muniment doctor: what needs doing."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option
from tui.session import opened
from tui.settings import Settings


@click.command("doctor")
@json_option
@click.pass_obj
def command(settings: Settings, as_json: bool) -> int:
    """Look the registry over and say what needs doing; exit code 1 when something does. Changes nothing."""
    from registry.acts.doctor import examine

    with opened(settings, read_only=True) as registry:
        findings = examine(registry)
    todo = sum(f.todo for f in findings)

    def lines() -> Iterator[str]:
        for found in findings:
            yield f"{'to do' if found.todo else 'ok':<6}{found.check:<8}  {found.message}"
            if found.next:
                yield f"      next: {found.next}"
        yield f"{todo} to do" if todo else "nothing to do"

    items = [{"check": f.check, "todo": f.todo, "message": f.message, "next": f.next} for f in findings]
    emit({"todo": todo, "items": items}, as_json=as_json, text=lines)
    return 1 if todo else 0
