"""What a marketer should do today: a few groups of customers, the most pressing first, each an audience."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from dangol.answers.audiences import Audience, Moved, parameters, queries
from dangol.answers.draft import Draft
from dangol.answers.evidence import Evidence, Fact, Lake
from dangol.answers.intents import GradeNames, Language, Request
from dangol.answers.policy import Role, is_small
from dangol.answers.summaries import Terms
from dangol.answers.writing import fill
from dangol.errors import MissingTableError

Verdict = Literal["approve", "dismiss"]
HELD = timedelta(days=7)
CHANGED_SHARE = Decimal("0.2")
Said = Mapping[Language, str]


@dataclass(frozen=True)
class Kind:
    """A task that may be there. `audience`: of the names of the grades. `days_to_act`: after so many days it is likely
    to be too late."""

    id: str
    days_to_act: int
    title: Said
    why: Said
    audience: Callable[[GradeNames], Audience]


KINDS = (
    Kind(
        "top_fallen",
        7,
        {"ko": "등급이 내려간 {grade} 고객", "en": "{grade} customers who fell"},
        {
            "ko": "최근 7일 동안 {grade} 등급에서 내려간 고객이 {customers}이고, 구매 금액은 {monetary}입니다.",
            "en": "{customers} fell from {grade} in the last 7 days; they are worth {monetary}.",
        },
        lambda names: Audience(moved=Moved("down", 7, (names["en"][-1],))),
    ),
    Kind(
        "top_slipping",
        7,
        {"ko": "흔들리는 {grade} 고객", "en": "{grade} customers about to fall"},
        {
            "ko": "아직 {grade} 등급이지만 아래 등급으로 기운 경계 고객이 {customers}이고, "
            "구매 금액은 {monetary}입니다.",
            "en": "{customers} on the boundary, still {grade} but leaning to a lower grade; they are worth {monetary}.",
        },
        lambda names: Audience(grades=(names["en"][-1],), boundary="down"),
    ),
    Kind(
        "near_next",
        14,
        {"ko": "한 번만 더 사면 등급이 오를 만한 단골", "en": "Regulars about one order from the next grade"},
        {
            "ko": "활동 중이고 위 등급으로 기운 경계 고객이 {customers}이고, 구매 금액은 {monetary}입니다.",
            "en": "{customers} on the boundary, active and leaning to a higher grade; they are worth {monetary}.",
        },
        lambda names: Audience(grades=tuple(names["en"][1:-1]), states=("active",), boundary="up"),
    ),
    Kind(
        "second_purchase",
        30,
        {"ko": "두 번째 구매를 기다리는 고객", "en": "Second purchase due"},
        {
            "ko": "얼마 전 처음 구매하고 아직 다시 사지 않은 고객이 {customers}이고, 구매 금액은 {monetary}입니다.",
            "en": "{customers} bought once, not long ago, and not again yet; they are worth {monetary}.",
        },
        lambda _names: Audience(states=("new",)),
    ),
    Kind(
        "valuable_fading",
        90,
        {"ko": "멀어진 우량 고객", "en": "Valuable but fading customers"},
        {
            "ko": "지금까지 가장 많이 구매한 고객에 속하지만 뜸해졌거나 휴면인 고객이 {customers}이고, "
            "집계 기간의 구매 금액은 {monetary}입니다.",
            "en": "{customers} among those who have spent the most ever have slowed down or stopped; "
            "in the window they are worth {monetary}.",
        },
        lambda _names: Audience(states=("cooling", "dormant"), signals=("dormant_high_value",)),
    ),
)


@dataclass(frozen=True)
class Decision:
    """What somebody decided of a task, when, and who its customers were."""

    task_id: str
    verdict: Verdict
    person: str
    at: datetime
    customer_ids: frozenset[str]


@dataclass(frozen=True)
class Task:
    """`priority`: money at risk per day left to act, by which tasks are ordered. `facts` cite `evidence`, numbered 1.

    `approved`: by a decision that is in force.
    """

    id: str
    title: str
    why: str
    audience: Audience
    customers: int
    monetary: Decimal
    days_to_act: int
    priority: Decimal
    facts: tuple[Fact, ...]
    evidence: Evidence
    approved: Decision | None = None


def tasks(lake: Lake, terms: Terms, boundary_below: float, today: date, language: Language, role: Role) -> list[Task]:
    """The tasks that have customers, ordered by priority = money at risk / days_to_act, then by id.

    Money at risk is what the customers spent in the window, less returns: what the shop would miss if they stayed away
    as long again. A task whose tables are not there yet, or whose group is too small for a role, is left out.
    """
    found = (task(kind, Draft(Request(language, "count"), terms, lake, today, role), boundary_below) for kind in KINDS)
    return sorted((one for one in found if one), key=lambda one: (-one.priority, one.id))


def task(kind: Kind, draft: Draft, boundary_below: float) -> Task | None:
    audience = kind.audience(draft.terms.grade_names)
    try:
        evidence = draft.run(queries(audience).size, parameters(audience, draft.terms, boundary_below, draft.today))
    except MissingTableError:
        return None
    customers, monetary = evidence.rows[0]["customers"], evidence.rows[0]["monetary"]
    if not customers or is_small(customers, draft.role):
        return None
    facts = draft.facts_of(evidence, "customers", "monetary")
    slots = {name: draft.shown(fact) for name, fact in facts.items()}
    slots["grade"] = draft.terms.grade_names[draft.language][-1]
    return Task(
        kind.id,
        fill(kind.title[draft.language], slots),
        fill(kind.why[draft.language], slots),
        audience,
        customers,
        monetary,
        kind.days_to_act,
        (monetary / kind.days_to_act).quantize(Decimal("0.01")),
        tuple(facts.values()),
        evidence,
    )


def audience_of(task_id: str, grade_names: GradeNames) -> Audience | None:
    """Whom a task is about; null when there is no such task."""
    return next((kind.audience(grade_names) for kind in KINDS if kind.id == task_id), None)


def in_force(decision: Decision, customer_ids: Collection[str], now: datetime) -> bool:
    """Whether a decision still counts: for HELD, and while not more than CHANGED_SHARE of its customers have changed:
    those who came and those who left, of those of then."""
    changed = len(decision.customer_ids.symmetric_difference(customer_ids))
    return now - decision.at < HELD and changed <= CHANGED_SHARE * len(decision.customer_ids)


def newest(decisions: Sequence[Decision]) -> dict[str, Decision]:
    """By task the decision that counts."""
    return {one.task_id: one for one in sorted(decisions, key=lambda one: one.at)}
