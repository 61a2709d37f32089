"""The decision dialog: the exact text, who signs it, and the three things only a person can give.

Nothing but ctrl+s signs, and it does so only for the text in sight, with a reason, the passphrase and
the version typed out. Enter goes to the next field; esc leaves. The first half second is ignored, so
that a key held down from before signs nothing.
"""

from time import monotonic
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, Static

from registry.reading import DecisionDraft, DecisionRequest, Receipt, Reviewer
from registry.views import VersionPage
from schemas.errors import Error, StoreError
from tui.actions import Place, actions_of, bindings
from tui.desk import Desk
from tui.drawing.command_lines import KEY_COMMAND, decision_command
from tui.drawing.decision import Signing, decision_lines, decision_title
from tui.drawing.glyphs import ASCII
from tui.drawing.lines import Line, chunks, line
from tui.widgets.bars import Bar, KeyBar, Notice
from tui.widgets.canvas import Canvas

FIELDS = (
    ("reason", "reason", "why, in your words"),
    ("condition", "condition", "what must hold; may stay empty"),
    ("passphrase", "passphrase", "of the key above"),
    ("typed", "type version", "the version you decide on, typed out"),
)


class DecisionScreen(ModalScreen[Receipt | None]):
    """Shows a draft, gathers what is needed, signs on ctrl+s, and dismisses with the receipt or None."""

    SETTLE_SECONDS: ClassVar[float] = 0.5
    DRAFT_SECONDS: ClassVar[float] = 0.15
    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.DECISION)
    CSS = """
    DecisionScreen { align: center middle; background: $background; }
    #box { width: 100%; max-width: 118; height: 100%; max-height: 34; border: solid $m-warn; padding: 0 1; }
    DecisionScreen.ascii #box { border: ascii $m-warn; }
    DecisionScreen.ascii #text { border-left: ascii $m-line; }
    #box Canvas { padding: 0; }
    #facts { height: 5; }
    #text { height: 1fr; min-height: 3; background: $surface; border-left: solid $m-line; }
    .field { height: 1; }
    .label { width: 15; padding: 0 1; color: $m-muted; }
    .field Input { width: 1fr; background: $m-bar; }
    .field Input:focus { background: $m-cursor; color: $m-cursor-text; }
    """

    def __init__(self, desk: Desk, page: VersionPage, decision: str) -> None:
        super().__init__()
        self.set_class(desk.glyphs is ASCII, "ascii")
        self.desk = desk
        self.page = page
        self.decision = decision
        self.draft: DecisionDraft | None = None
        self._reviewers: tuple[Reviewer, ...] = ()
        self._who = self._role = 0
        self._opened = monotonic()
        self._signing = False
        self._pending: Timer | None = None

    def compose(self) -> ComposeResult:
        """Put the facts over the text, the fields below, the message and the keys at the bottom."""
        mark = self.desk.glyphs.cursor
        with Vertical(id="box"):
            yield Bar(id="title")
            yield Canvas(self._facts, cursor_mark=mark, id="facts")
            yield Canvas(self._text, cursor_mark=mark, id="text")
            for name, label, hint in FIELDS:
                with Horizontal(classes="field"):
                    yield Static(label, classes="label", markup=False)
                    field = Input(placeholder=hint, password=name == "passphrase", id=name, compact=True)
                    # A blinking cursor is traffic that never ends.
                    field.cursor_blink = False
                    yield field
            yield Notice(least=1, id="message")
            yield Bar(id="command")
            yield KeyBar(actions_of(Place.DECISION), id="keys")

    def on_mount(self) -> None:
        """Show who would sign what; the text follows as soon as there is a reason."""
        for canvas in self.query(Canvas):
            canvas.can_focus = False
        self.query_one("#title", Bar).show(line((f" {decision_title(self.decision, self.page)}", "title")))
        try:
            self._reviewers = self.desk.reading.reviewers()
        except Error as error:
            self._say(error.message, "bad")
        self._prepare()
        self.query_one("#reason").focus()

    @property
    def who(self) -> Reviewer | None:
        """Whose key signs."""
        return self._reviewers[self._who] if self._reviewers else None

    @property
    def role(self) -> str:
        """In which role."""
        return self.who.roles[self._role] if self.who and self.who.roles else ""

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value

    def _request(self) -> DecisionRequest:
        condition = self._value("condition").strip()
        return DecisionRequest(
            subject=self.page.identity.subject,
            environment=self.page.environment,
            reviewer=self.who.id if self.who else "",
            role=self.role,
            decision=self.decision,
            reason=self._value("reason").strip(),
            conditions=(condition,) if condition else (),
            opened=self.desk.opened_for(self.page.identity.subject),
        )

    def _prepare(self) -> None:
        """Make the draft for what is typed now, and show it."""
        self.draft = None
        if self.who is None:
            self._say(f"no key lies here   next: {KEY_COMMAND}", "bad")
        elif self._value("reason").strip():
            try:
                self.draft = self.desk.reading.draft_decision(self._request())
            except Error as error:
                self._say(error.message + (f"   next: {error.hint}" if error.hint else ""), "bad")
        facts = self.query_one("#facts", Canvas)
        # The box is at most 118 wide; its border, its padding and the cursor's column take six of them.
        facts.styles.height = min(9, len(self._facts(max(20, min(self.app.size.width, 118) - 6))))
        facts.show(self._facts)
        self.query_one("#text", Canvas).show(self._text)
        command = decision_command(
            self.decision, self.page.identity.subject, self.page.environment, self.role
        )
        self.query_one("#command", Bar).show(line((" $ ", "muted"), command))
        passphrase = self.query_one("#passphrase", Input)
        passphrase.disabled = bool(self.who and not self.who.needs_passphrase)

    def _facts(self, width: int) -> list[Line]:
        signing = Signing(self.decision, self.page, self.draft, self.who, self.role)
        return decision_lines(signing, width, self.desk.glyphs)

    def _text(self, width: int) -> list[Line]:
        if self.draft is None:
            told = "Type a reason: the exact text to be signed then stands here."
            return [
                line((told if not self._value("reason").strip() else "There is no text to sign.", "warn"))
            ]
        told = "You sign exactly this text. Of reason and condition it holds the digests."
        return [line((told, "muted")), *(line(row) for row in chunks(self.draft.text, width))]

    def _say(self, text: str, role: str = "warn") -> None:
        mark = {"bad": self.desk.glyphs.bad, "warn": self.desk.glyphs.warn}.get(role, " ")
        self.query_one(Notice).tell(f"{mark} {text}".strip() if text else "", role)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Draft again a moment after the last key, when the text depends on the field."""
        self._say("")
        if message.input.id in {"reason", "condition"}:
            if self._pending is not None:
                self._pending.stop()
            self._pending = self.set_timer(self.DRAFT_SECONDS, self._prepare)

    def action_next_field(self) -> None:
        """Go to the next field, before the next key is read: none may land in the wrong one."""
        self.focus_next(Input)

    def on_bar_pressed(self, message: Bar.Pressed) -> None:
        """Do what was clicked; a click signs under the same conditions as ctrl+s."""
        self.run_worker(self.run_action(message.action), exit_on_error=True)

    def action_next_role(self) -> None:
        """Sign in the next of the person's roles."""
        if self.who and self.who.roles:
            self._role = (self._role + 1) % len(self.who.roles)
            self._prepare()

    def action_next_reviewer(self) -> None:
        """Sign with the next key that lies here."""
        if self._reviewers:
            self._who, self._role = (self._who + 1) % len(self._reviewers), 0
            self.query_one("#passphrase", Input).value = ""
            self._prepare()

    def action_page_text(self, step: int) -> None:
        """Read on in the text."""
        self.query_one("#text", Canvas).action_page(step)

    def action_cancel(self) -> None:
        """Leave; nothing is signed."""
        self.dismiss(None)

    def _missing(self) -> tuple[str, str] | None:
        """Return the first thing that keeps the text from being signed, and the field it is about."""
        subject = self.page.identity.subject
        unusable = "no key lies here" if self.who is None else self.who.unusable
        locked = self.who is not None and self.who.needs_passphrase
        typed = self._value("typed").strip() in {subject, subject.rpartition("/")[2]}
        for stands_against, said, field in (
            (bool(unusable), f"nothing can be signed: {unusable}", "reason"),
            (
                self.draft is not None and self.draft.refused,
                self.draft.refused if self.draft else "",
                "reason",
            ),
            (not self._value("reason").strip(), "a reason is needed", "reason"),
            (locked and not self._value("passphrase"), "the passphrase is needed", "passphrase"),
            (not typed, f"type {subject} to sign", "typed"),
        ):
            if stands_against:
                return said, field
        return None

    def action_sign(self) -> None:
        """Sign the text in sight, when everything is there."""
        if not self._signing and monotonic() - self._opened >= self.SETTLE_SECONDS:
            # Keys typed just before may still be on their way into their field.
            self.call_after_refresh(self._check_and_sign)

    def _check_and_sign(self) -> None:
        if self._signing:
            return
        missing = self._missing()
        if missing:
            self._say(missing[0])
            self.query_one(f"#{missing[1]}", Input).focus()
            return
        if self.draft is None or self.draft.request != self._request():
            self._prepare()
            if self.draft is not None:
                self._say("the text has just changed: read it, then press ctrl+s again")
            return
        self._signing = True
        self._say("signing", "info")
        self.call_after_refresh(self._sign_now, self.draft)

    def _sign_now(self, draft: DecisionDraft) -> None:
        try:
            receipt = self.desk.reading.decide(draft, self._value("passphrase"))
        except Error as error:
            self._signing = False
            doubt = (
                "look whether it was recorded" if isinstance(error, StoreError) else "nothing was recorded"
            )
            passphrase = self.query_one("#passphrase", Input)
            with passphrase.prevent(Input.Changed):
                passphrase.value = ""
            passphrase.focus()
            self._say(f"{error.message}; {doubt}", "bad")
            return
        self.dismiss(receipt)
