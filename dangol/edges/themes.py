"""Customers by what they buy: by an index of embeddings when there is one and it is fresh enough, else by the words of
the summaries themselves, which is faster than an index of words (docs/decisions/0009-themes.md)."""

from dataclasses import replace

import structlog

from dangol.answers.evidence import Evidence
from dangol.answers.intents import Bounds, Request
from dangol.answers.product_words import patterns, search_terms
from dangol.answers.queries import TERMS, THEME, THEME_OF_INDEX
from dangol.answers.scope import who
from dangol.answers.summaries import customer_key
from dangol.edges.index import Index, index_of
from dangol.edges.lake import Lake
from dangol.errors import ModelUnavailableError, StoreError
from dangol.settings import Settings

log = structlog.get_logger()

MORE = 5
"""So many times as many hits are asked of the index as are shown: some are true no more."""


class StoreThemes:
    """See dangol.answers.tools.Themes. What the index finds is looked up in the summaries, so both routes cite them."""

    def __init__(self, lake: Lake, settings: Settings) -> None:
        self.lake = lake
        self.limit_seconds = settings.index.limit_seconds
        index = index_of(settings)
        self.index = index if index.embeddings else None

    def search(self, text: str, request: Request, n: int) -> Evidence:
        """Rows {customer_id, grade, monetary, found, matched, is_late}. Raises StoreError when neither can be read."""
        terms = search_terms(text, request.language)
        words = dict(zip(TERMS, patterns(terms), strict=True))
        asked = who(request, buyers=False) | words | {"n": n if terms else 0}
        index = self.index if terms and serves(request) else None
        keys = self.keys(index, text, request, n) if index else None
        if keys is None:
            return late(self.lake.run(THEME, asked), is_late=index is not None)
        return late(self.lake.run(THEME_OF_INDEX, asked | {"keys": keys or ["-"]}), is_late=False)

    def keys(self, index: Index, text: str, request: Request, n: int) -> list[str] | None:
        """What the index finds; None when it must not be asked: it is missing, broken, or too far behind."""
        scope = request.scope
        ids, grades = scope.customer_ids or None, scope.grades or None
        try:
            freshness = index.freshness()
            if freshness is None or freshness.behind_seconds > self.limit_seconds:
                return None
            hits = index.search(text, customer_ids=ids, grades=grades, n=n * MORE)
        except (StoreError, ModelUnavailableError) as error:
            log.warning("the index is not asked", reason=str(error))
            return None
        return [customer_key(hit.customer_id) for hit in hits]


def serves(request: Request) -> bool:
    """Whether the index knows all that limits the scope."""
    return not request.states and all(
        limits == Bounds() for limits in (request.frequency, request.monetary, request.recency)
    )


def late(evidence: Evidence, *, is_late: bool) -> Evidence:
    return replace(evidence, rows=tuple({**row, "is_late": is_late} for row in evidence.rows))
