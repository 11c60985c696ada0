"""What answers need beyond fixed queries, as the edges provide it. Each finds evidence: its numbers are cited too."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from dangol.answers.advertising import Finding
from dangol.answers.drafting import Brief
from dangol.answers.evidence import Evidence
from dangol.answers.intents import Request


class Explainer(Protocol):
    """What the champion says of a customer at other numbers. Raises ModelError without a champion."""

    def why(self, customer_id: str) -> Evidence:
        """One row: {fell_from, restore (names of values, or null), as_of}; fell_from is null without a higher grade."""
        ...

    def what_if(self, customer_id: str, grade: str) -> Evidence:
        """One row: {wanted, reached, amount, orders, usual_amount}."""
        ...

    def after(self, customer_id: str, amount: str | None, orders: int) -> Evidence:
        """One row: {grade, grade_after, orders, amount}: after so many more orders, together worth an amount; null: of
        the usual worth."""
        ...


class Themes(Protocol):
    """Customers by what they buy."""

    def search(self, text: str, request: Request, n: int) -> Evidence:
        """Rows {customer_id, grade, monetary, found, matched, is_late}, best first, at most `n`; none when nothing
        fits, or the text asks for no product. `matched`: the words that were found; `is_late`: the index was too far
        behind.
        """
        ...


class Health(Protocol):
    def look(self) -> Evidence:
        """One row: {customers, committed, newest, running, received, rejected, model, summaries_committed, warnings};
        times are instants, `model` is the champion's version, `warnings` sentences; null where there is none."""
        ...


class Consents(Protocol):
    def counted(self, customer_ids: Sequence[str], cited: Evidence) -> Evidence:
        """One row: {eligible, no_consent, held_out, unknown}; unknown is null where consent is known."""
        ...

    def findings(self, draft: str) -> tuple[Finding, ...]:
        """What of the law a draft does not keep."""
        ...

    def dressed(self, body: str) -> str:
        """A body as an advertisement, with mark, sender and how to refuse."""
        ...


class Writer(Protocol):
    name: str

    def write(self, brief: Brief) -> Iterator[str]:
        """Whole checked sentences. Raises DraftRejectedError or ModelUnavailableError."""
        ...


@dataclass(frozen=True)
class Tools:
    """All of them; null where there is none."""

    explainer: Explainer
    themes: Themes
    health: Health
    consents: Consents
    writer: Writer | None = None
    parser: Callable[[str, Request], Request] | None = None
