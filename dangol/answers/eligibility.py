"""To whom a message may be written at all: those who agreed, less the hold-out."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal

Eligibility = Literal["eligible", "no_consent", "held_out", "unknown"]


def eligible(customer_id: str, consents: frozenset[str] | None, held_out: Callable[[str], bool]) -> Eligibility:
    """Whether a customer may be written to, or why not (Network Act, 정보통신망법, art. 50 para. 1: prior consent).

    `consents`: who agreed; null when nothing is known of it, and then nobody is eligible. `held_out`: whether a
    customer is left out for comparison.
    """
    if consents is None:
        return "unknown"
    if customer_id not in consents:
        return "no_consent"
    return "held_out" if held_out(customer_id) else "eligible"


def counted(
    customer_ids: Iterable[str], consents: frozenset[str] | None, held_out: Callable[[str], bool]
) -> dict[Eligibility, int]:
    """How many customers are eligible, and how many are not for each reason; a reason of nobody is left out."""
    return dict(Counter(eligible(customer, consents, held_out) for customer in customer_ids))
