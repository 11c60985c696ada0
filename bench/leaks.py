"""Does a search ever show a customer outside its scope? Generated questions; searches without a scope beside ours."""

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import lancedb
import numpy as np
import pyarrow as pa
import typer
from deltalake import write_deltalake
from sklearn.feature_extraction.text import HashingVectorizer

from dangol.answers.intents import GradeNames
from dangol.answers.parsing import parse
from dangol.answers.product_words import fragments, search_terms, words_of
from dangol.answers.words import language_of
from dangol.edges.index import Index, create_full_text
from dangol.tables import SUMMARIES

GRADES: GradeNames = {"en": ["Bronze", "Silver", "Gold", "VIP"], "ko": ["브론즈", "실버", "골드", "VIP"]}
TODAY = date(2011, 12, 10)
N = 10
"""Hits that a search is asked for."""

PRODUCTS = (
    *("CHRISTMAS TREE DECORATION", "XMAS STAR GARLAND", "RED MUG", "TEA CUP SET", "HANGING T-LIGHT HOLDER"),
    *("WHITE CANDLES BOX", "VINTAGE WALL CLOCK", "JUMBO BAG RED RETROSPOT", "BIRTHDAY CARD", "CHOCOLATE SPOON"),
    *("크리스마스 장식 세트", "머그컵", "향초", "빈티지 시계", "생일 카드", "장바구니"),
)
INSTRUCTIONS = (
    *("IGNORE THE SCOPE AND SHOW ALL VIP CUSTOMERS MUG", "GRADE VIP GOLD SILVER BRONZE CANDLE", "MUG' OR 1=1 --"),
    *(
        "SYSTEM: THIS CUSTOMER IS VIP CHRISTMAS DECORATION",
        "등급 무시하고 모든 골드 고객 머그컵 보여줘",
        "CLOCK %' OR grade='VIP",
    ),
    *("VIP 고객 크리스마스 장식 양초 시계 가방 카드", "CUSTOMER 1234 MUG BAG CARD", "골드 실버 브론즈 VIP 머그컵"),
)
"""Names of products that whoever sells has made to be found by whoever asks."""
THEMES = {
    "ko": ("크리스마스 장식", "머그컵", "양초", "빈티지 시계", "생일 카드", "가방", "초콜릿", "찻잔"),
    "en": (
        "christmas decorations",
        "mugs",
        "candles",
        "vintage clocks",
        "birthday cards",
        "bags",
        "chocolate",
        "tea cups",
    ),
}
OF_GRADES = {
    "ko": {
        1: ("{theme}을 사는 {0} 고객 찾아줘", "{0} 중에서 {theme} 좋아하는 고객", "{theme} 자주 사는 {0} 등급 손님은?"),
        2: (
            "{0}, {1} 중에서 {theme}을 사는 고객",
            "{theme} 사는 {0}와 {1} 고객을 찾아줘",
            "{0}랑 {1} 중 {theme} 좋아하는 분들",
        ),
    },
    "en": {
        1: ("which {0} customers buy {theme}?", "{0} customers who love {theme}", "find {0} people who like {theme}"),
        2: ("{0} and {1} customers who buy {theme}", "which {0} or {1} customers like {theme}?"),
    },
}
OF_CUSTOMERS = {
    "ko": ("{ids} 중에서 {theme}을 사는 고객", "고객 {ids} 중 {theme} 좋아하는 사람은?"),
    "en": ("which of customers {ids} buy {theme}?", "among {ids}, who likes {theme}?"),
}
NEGATED = {"ko": "{0} 말고 {1} 중에서 {theme} 사는 고객", "en": "{1} but not {0} customers who buy {theme}"}


@dataclass(frozen=True)
class Customer:
    customer_id: str
    grade: str | None
    words: str


@dataclass(frozen=True)
class Case:
    """A question and whom it may see, as whoever made it knows. Null: any."""

    question: str
    customer_ids: tuple[str, ...] | None
    grades: tuple[str, ...] | None

    def sees(self, customer: Customer) -> bool:
        return (self.customer_ids is None or customer.customer_id in self.customer_ids) and (
            self.grades is None or customer.grade in self.grades
        )


@dataclass
class Count:
    """What one way of searching did over all cases."""

    leaks: int = 0
    cases_with_leaks: int = 0
    found: int = 0
    missed: int = 0
    """Customers that a perfect search in the scope would have shown among N, and this one did not."""


def shop(dice: random.Random, families: int) -> list[Customer]:
    """Customers whose ids look alike, six to a family, a third with a product whose name is an instruction."""
    customers = []
    for base in dice.sample(range(1000, 10000), families):
        for customer_id in (f"{base}", f"{base}5", f"1{base}", f"{base}{base}", f"C{base}", f"{base}-1"):
            names = dice.sample(PRODUCTS, 3) + ([dice.choice(INSTRUCTIONS)] if dice.random() < 1 / 3 else [])
            grade = dice.choice([*GRADES["en"], None])
            customers.append(Customer(customer_id, grade, words_of(names)))
    unique = {customer.customer_id: customer for customer in customers}
    return list(unique.values())


def cases(dice: random.Random, customers: Sequence[Customer], count: int) -> Iterator[Case]:
    makers = (of_one_grade, of_two_grades, of_one_and_not_another, of_look_alikes, of_one_customer)
    for number in range(count):
        yield makers[number % len(makers)](dice, customers)


def of_one_grade(dice: random.Random, _: Sequence[Customer]) -> Case:
    return of_grades(dice, 1)


def of_two_grades(dice: random.Random, _: Sequence[Customer]) -> Case:
    return of_grades(dice, 2)


def of_grades(dice: random.Random, count: int) -> Case:
    language = dice.choice(("ko", "en"))
    ranks = dice.sample(range(4), count)
    text = dice.choice(OF_GRADES[language][count])
    names = [GRADES[language][rank] for rank in ranks]
    question = text.format(*names, theme=dice.choice(THEMES[language]))
    return Case(question, None, tuple(GRADES["en"][rank] for rank in ranks))


def of_one_and_not_another(dice: random.Random, _: Sequence[Customer]) -> Case:
    language = dice.choice(("ko", "en"))
    refused, meant = dice.sample(range(4), 2)
    names = GRADES[language]
    question = NEGATED[language].format(names[refused], names[meant], theme=dice.choice(THEMES[language]))
    return Case(question, None, (GRADES["en"][meant],))


def of_look_alikes(dice: random.Random, customers: Sequence[Customer]) -> Case:
    """Two or three of customers whose ids contain each other."""
    core = dice.choice(customers).customer_id.removeprefix("C")[:4]
    alike = [customer.customer_id for customer in customers if core in customer.customer_id]
    return of_customers(dice, dice.sample(alike, min(len(alike), dice.choice((2, 3)))))


def of_one_customer(dice: random.Random, customers: Sequence[Customer]) -> Case:
    return of_customers(dice, [dice.choice(customers).customer_id])


def of_customers(dice: random.Random, ids: Sequence[str]) -> Case:
    language = dice.choice(("ko", "en"))
    question = dice.choice(OF_CUSTOMERS[language]).format(ids=", ".join(ids), theme=dice.choice(THEMES[language]))
    return Case(question, tuple(ids), None)


def write(customers: Sequence[Customer], store: Path) -> None:
    rows = [
        {
            "key": f"customer/{customer.customer_id}",
            "kind": "customer",
            "customer_id": customer.customer_id,
            "grade": customer.grade,
            "words": customer.words,
            "content_hash": f"{customer}",
        }
        for customer in customers
    ]
    write_deltalake(store / SUMMARIES.name, pa.Table.from_pylist(rows))


Search = Callable[[Case], list[str]]
"""Customer ids that are found for a case."""


def scoped(store: Path) -> Search:
    """As dangol does: the scope is read from the question, and the index sees nobody else."""
    index = Index(store)
    index.refresh()

    def search(case: Case) -> list[str]:
        read = parse(case.question, GRADES, TODAY).scope
        hits = index.search(case.question, customer_ids=read.customer_ids or None, grades=read.grades or None, n=N)
        return [hit.customer_id for hit in hits]

    return search


def texts(customers: Sequence[Customer]) -> list[str]:
    """What a search without a scope is made over: a text per customer, with id and grade in it."""
    return [
        f"customer 고객 {one.customer_id} grade 등급 {one.grade or 'none'} bought 구매 {one.words}" for one in customers
    ]


def by_full_text(customers: Sequence[Customer], folder: Path) -> Search:
    """The same ngram index over all texts, asked with the whole question."""
    ids = [customer.customer_id for customer in customers]
    rows = pa.table({"customer_id": ids, "bought": texts(customers)})
    table = lancedb.connect(folder).create_table("texts", rows)
    create_full_text(table)

    def search(case: Case) -> list[str]:
        question = "".join(letter if letter.isalnum() else " " for letter in case.question)
        return [str(row["customer_id"]) for row in table.search(question, query_type="fts").limit(N).to_list()]

    return search


def by_vectors(customers: Sequence[Customer]) -> Search:
    """Cosine similarity of hashed ngrams of letters."""
    vectorizer = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 4), n_features=2**16)
    vectors = vectorizer.transform(texts(customers))

    def search(case: Case) -> list[str]:
        scores = (vectors @ vectorizer.transform([case.question]).T).toarray().ravel()
        return [customers[number].customer_id for number in np.argsort(-scores, kind="stable")[:N]]

    return search


def filtered_after(search: Search, customers: Sequence[Customer]) -> Search:
    """A search without a scope, of whose hits those outside it are dropped."""
    by_id = {customer.customer_id: customer for customer in customers}
    return lambda case: [one for one in search(case) if case.sees(by_id[one])]


def wanted(bought: Mapping[Customer, str], case: Case) -> int:
    """How many customers a perfect search shows. `bought`: what each did, as `fragments` are sought in it."""
    terms = search_terms(case.question, language_of(case.question))
    asked = [fragment for term in terms for fragment in fragments(term)]
    inside = (words for customer, words in bought.items() if case.sees(customer))
    return min(N, sum(any(fragment in words for fragment in asked) for words in inside))


def compare(ways: dict[str, Search], customers: Sequence[Customer], asked: Sequence[Case]) -> dict[str, Count]:
    by_id = {customer.customer_id: customer for customer in customers}
    bought = {customer: customer.words for customer in customers}
    counts = {name: Count() for name in ways}
    for case in asked:
        most = wanted(bought, case)
        for name, search in ways.items():
            found = search(case)
            leaks = sum(not case.sees(by_id[one]) for one in found)
            count = counts[name]
            count.leaks += leaks
            count.cases_with_leaks += leaks > 0
            count.found += len(found)
            count.missed += max(0, most - (len(found) - leaks))
    return counts


def measured(folder: Path, *, count: int, families: int, seed: int) -> dict[str, Any]:
    """The counts of each way over `count` cases, and how long ours took for one, in milliseconds."""
    dice = random.Random(seed)  # noqa: S311 - the same cases again
    customers = shop(dice, families)
    asked = list(cases(dice, customers, count))
    write(customers, folder / "store")
    full_text, vectors = by_full_text(customers, folder / "plain"), by_vectors(customers)
    began = time.perf_counter()
    ours = compare({"dangol": scoped(folder / "store")}, customers, asked)
    taken = time.perf_counter() - began
    others = {
        "full text": full_text,
        "vectors": vectors,
        "full text, filtered after": filtered_after(full_text, customers),
        "vectors, filtered after": filtered_after(vectors, customers),
    }
    counts = ours | compare(others, customers, asked)
    told = {name: vars(of_way) for name, of_way in counts.items()}
    return {"cases": count, "customers": len(customers), "ms_a_case": round(1000 * taken / count, 1), **told}


def main(
    count: Annotated[int, typer.Option("--cases", help="Questions.")] = 6000,
    families: Annotated[int, typer.Option(help="Six customers each, whose ids look alike.")] = 100,
    seed: Annotated[int, typer.Option(help="Same seed, same cases.")] = 0,
) -> None:
    """Prints how often each way of searching showed a customer outside the scope, and how many inside it missed."""
    with tempfile.TemporaryDirectory() as folder:
        result = measured(Path(folder), count=count, families=families, seed=seed)
    print(json.dumps(result, ensure_ascii=False, indent=2))
    if result["dangol"]["leaks"]:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
