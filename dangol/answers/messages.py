"""Drafts of messages to a customer or a group: nothing is ever sent. What the law asks is checked."""

from dangol.answers.about_customers import background, known, left_out
from dangol.answers.about_groups import standing, words
from dangol.answers.advertising import Finding
from dangol.answers.draft import Draft
from dangol.answers.intents import Status
from dangol.answers.queries import MEMBERS
from dangol.answers.scope import who
from dangol.answers.summaries import customer_key
from dangol.answers.tools import Tools


def message(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """A draft for whom the question names, who of them may be written to, and what of the law it does not keep."""
    if draft.request.scope.customer_ids:
        found = known(draft)
        for customer_id, evidence in found.items():
            background(draft, customer_key(customer_id))
            row = evidence.rows[0]
            body = "body_dormant" if row["state"] in ("dormant", "cooling") else f"body_{standing(draft, row['grade'])}"
            say_draft(draft, tools, body)
        left_out(draft, found)
        return "answered"
    for grade in draft.request.scope.grades:
        background(draft, f"grade/{grade}")
    say_draft(draft, tools, body_of(draft))
    return "answered"


def body_of(draft: Draft) -> str:
    request = draft.request
    if set(request.states) & {"dormant", "cooling"} or request.recency.least is not None:
        return "body_dormant"
    return f"body_{standing(draft, request.scope.grades[-1] if request.scope.grades else None)}"


def say_draft(draft: Draft, tools: Tools, body: str) -> None:
    text = tools.consents.dressed(draft.template(body))
    draft.say("message_head", **words(draft))
    draft.say("message_draft", draft=text)
    for finding in tools.consents.findings(text):
        draft.say("message_finding", finding=sentence(finding, draft.language), article=finding.article)
    members = draft.lake.run(MEMBERS, who(draft.request, buyers=True))  # not cited: an answer need not hold them all
    counts = draft.cite(tools.consents.counted([row["customer_id"] for row in members.rows], members))
    draft.group(len(members.rows))
    if counts.rows[0]["unknown"] is not None:
        draft.say("message_unknown", unknown=draft.fact(counts, "unknown"))
    else:
        draft.say("message_audience", **draft.facts_of(counts, "eligible", "no_consent", "held_out"))


def sentence(finding: Finding, language: str) -> str:
    return finding.sentence_ko if language == "ko" else finding.sentence_en
