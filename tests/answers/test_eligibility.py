from dangol.answers.eligibility import counted, eligible


def held_out(customer_id: str) -> bool:
    return customer_id == "bob"


def test_who_agreed_and_is_not_held_out_is_eligible() -> None:
    agreed = frozenset({"ann", "bob"})
    assert eligible("ann", agreed, held_out) == "eligible"
    assert eligible("bob", agreed, held_out) == "held_out"
    assert eligible("cho", agreed, held_out) == "no_consent"
    assert eligible("an", agreed, held_out) == "no_consent"


def test_without_knowledge_of_consent_nobody_is_eligible() -> None:
    assert eligible("ann", None, held_out) == "unknown"
    assert eligible("ann", frozenset(), held_out) == "no_consent"


def test_who_is_not_eligible_is_counted_by_the_reason() -> None:
    agreed = frozenset({"ann", "bob", "dan"})
    assert counted(["ann", "bob", "cho", "dan"], agreed, held_out) == {"eligible": 2, "held_out": 1, "no_consent": 1}
    assert counted(["ann", "bob"], None, held_out) == {"unknown": 2}
