"""The queries behind audiences: how many customers one has, and who they are. See queries.Query."""

from itertools import product
from typing import Literal, NamedTuple

from dangol.answers.queries import FOUND, LEANS, LIST, WHO, WINDOW, Query, Read, Scan, defined
from dangol.answers.signals import SIGNALS

Told = Literal["nothing", "signals", "products"]

BOUNDARY = f"(:leaning = '-' or (p_max < :boundary_below and (:leaning = 'any' or {LEANS})))"
MOVED = """customer_id in (
    select customer_id from (
        select customer_id, direction, old_grade, as_of,
               row_number() over (partition by customer_id order by generation desc, batch_id desc) as newest
        from changes where cause <> 'model'
    ) as numbered
    where newest = 1 and direction = :direction and as_of >= :since
      and (:any_old or array_contains(:old_grades, coalesce(old_grade, '-')))
)"""
"""By the customer's last change; that of a new model is none of the customer's doing."""
HAS_SIGNAL = " or ".join(
    f"(array_contains(:signals, '{name}') and array_contains(signals, '{name}'))" for name in SIGNALS
)
SIGNALLED = f"customer_id in (select customer_id from summaries where kind = 'customer' and ({HAS_SIGNAL}))"  # noqa: S608
BOUGHT = f"""customer_id in (
    select customer_id from summaries
    where kind = 'customer' and (:any_signal or {HAS_SIGNAL}) and {FOUND} >= :terms_asked
)"""  # noqa: S608 - texts of this module alone
SCANNED = {"signals": ("kind", "customer_id", "signals"), "products": ("kind", "customer_id", "signals", "words")}

ORDERED = "order by monetary desc, customer_id limit :n"
SELECTED = {
    "audience_size": ("count(*) as customers, coalesce(sum(monetary), 0) as monetary", ""),
    "audience_ids": ("customer_id", "order by customer_id"),
    "audience_members": (f"{LIST}, as_of, generation, batch_id", ORDERED),
}


class Audiences(NamedTuple):
    """The three queries of audiences that need the same tables."""

    size: Query
    ids: Query
    members: Query


def query(name: str, told: Told, *, moved: bool) -> Query:
    columns, order = SELECTED[name]
    conditions = [WHO, BOUNDARY]
    reads: list[Read] = ["customers_live"]
    if moved:
        conditions.append(MOVED)
        reads.append("changes")
    if told != "nothing":
        conditions.append(SIGNALLED if told == "signals" else BOUGHT)
        reads.append("summaries")
    scans: dict[Read, Scan] = {} if told == "nothing" else {"summaries": Scan("kind = 'customer'", SCANNED[told])}
    return Query(
        "_".join([name, *(["moved"] if moved else []), *([told] if told != "nothing" else [])]),
        tuple(reads),
        f"select {columns} from customers_live where {' and '.join(conditions)} {order}",  # noqa: S608
        defined(
            "고객의 가장 최근 행이 모든 조건에 맞는 고객입니다. 이동은 고객의 마지막 등급 변경으로 봅니다.",
            "Customers whose newest row fits every condition. A movement is the customer's last grade change.",
            WINDOW,
        ),
        scans,
    )


TOLD: tuple[Told, ...] = ("nothing", "signals", "products")
AUDIENCES = {
    (moved, told): Audiences(*(query(name, told, moved=moved) for name in SELECTED))
    for moved, told in product((False, True), TOLD)
}
"""By whether it asks for a movement, and what it needs of the summaries."""
