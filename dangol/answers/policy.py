"""Who may see what: viewers see groups alone, by fixed partitions, and none of fewer than ten customers."""

from datetime import date
from typing import Literal

from dangol.answers.evidence import Value
from dangol.answers.intents import Bounds, Intent, Request
from dangol.answers.scope import is_fixed

Role = Literal["viewer", "analyst", "admin"]
SMALLEST_GROUP = 10
ABOUT_CUSTOMERS: frozenset[Intent] = frozenset(
    {"customer_summary", "grade_lookup", "why", "what_if", "find_similar", "top_n", "theme", "not_found"}
)
"""Intents whose answers name customers."""


def may_see_customers(role: Role) -> bool:
    return role != "viewer"


def refuses(request: Request, role: Role, today: date) -> bool:
    """Whether a role may not have a question answered at all.

    Bounds and periods of one's own choice are no fixed partitions: by two questions that differ by one customer, a
    viewer would learn of that one.
    """
    if may_see_customers(role):
        return False
    own_groups = any(limits != Bounds() for limits in (request.frequency, request.monetary, request.recency))
    periods = (request.scope.period, *request.periods)
    return (
        bool(request.scope.customer_ids)
        or request.intent in ABOUT_CUSTOMERS
        or own_groups
        or not all(is_fixed(period, today) for period in periods)
    )


def is_hidden(value: Value, role: Role) -> bool:
    """Whether a number of customers is too small to be shown."""
    return not may_see_customers(role) and isinstance(value, int) and 0 < value < SMALLEST_GROUP


def is_small(customers: int | None, role: Role) -> bool:
    """Whether a group is too small to be told of."""
    return not may_see_customers(role) and customers is not None and customers < SMALLEST_GROUP
