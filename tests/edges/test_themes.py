from collections.abc import Callable
from pathlib import Path

import pytest

from dangol.answers.intents import Request, Scope
from dangol.edges.consents import FileConsents
from dangol.edges.index import Index
from dangol.edges.lake import Lake
from dangol.edges.themes import StoreThemes
from dangol.errors import ModelUnavailableError, StoreError
from dangol.settings import load_settings

pytestmark = pytest.mark.real

MUGS = Request("en", "theme", Scope(grades=("VIP",)), text="mugs")


@pytest.fixture
def search(customer_store, summaries_store, tmp_path: Path) -> Callable[[Request], list[tuple[str, bool]]]:
    """Customers by what they buy, each with whether the index was not asked."""
    path = summaries_store.path
    rows = [customer_store.row(one, grade=grade, grade_rank=3) for one, grade in (("1", "VIP"), ("2", "Gold"))]
    type(customer_store)(path).append(*rows)
    summaries_store.write(summaries_store.customer("1", "VIP", "RED MUG"), summaries_store.customer("2", "Gold", "MUG"))
    themes = StoreThemes(Lake(path), load_settings(overrides={"store.path": path}))
    themes.index = Index(path)  # as with a model that embeds

    def found(request: Request) -> list[tuple[str, bool]]:
        rows = themes.search(request.text or "", request, 10).rows
        return [(row["customer_id"], row["is_late"]) for row in rows]

    return found


def test_the_index_is_asked_when_it_is_there(search, summaries_store) -> None:
    assert search(MUGS) == [("1", True)]
    Index(summaries_store.path).refresh()
    assert search(MUGS) == [("1", False)]


@pytest.mark.parametrize("error", [StoreError("damaged"), ModelUnavailableError("no embeddings")])
@pytest.mark.parametrize("broken", ["search", "freshness"])
def test_an_index_that_cannot_answer_is_passed_over(
    search, summaries_store, monkeypatch: pytest.MonkeyPatch, error: Exception, broken: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    Index(summaries_store.path).refresh()
    monkeypatch.setattr(Index, broken, fail)
    assert search(MUGS) == [("1", True)]


def test_what_the_index_does_not_know_is_asked_of_the_tables(search, summaries_store) -> None:
    Index(summaries_store.path).refresh()
    bounded = Request("en", "theme", text="mugs", states=("active",))
    assert search(bounded) == [("1", False), ("2", False)]


def test_without_a_model_that_embeds_no_index_is_asked(customer_store) -> None:
    assert (
        StoreThemes(Lake(customer_store.path), load_settings(overrides={"store.path": customer_store.path})).index
        is None
    )


def test_a_text_without_a_product_finds_nobody(search) -> None:
    assert search(Request("en", "theme", text="customers")) == []


def test_consent_that_cannot_be_read_is_not_known(tmp_path: Path, customer_store) -> None:
    file = tmp_path / "consent.txt"
    file.write_text("1\n", "utf-8")
    customer_store.append(customer_store.row("1"), customer_store.row("2"))
    settings = load_settings(overrides={"triggers.consent": file, "triggers.holdout_percent": 0})
    consents = FileConsents(settings)
    assert consents.consents() == {"1"}
    file.unlink()
    assert consents.consents() is None
    assert FileConsents(settings).consents() is None
