"""What the page shows, as HTML: the numbers of now, answers and their proof. Text from people or tables is escaped."""

import html

from dangol.answers.answering import Answer
from dangol.answers.evidence import Evidence
from dangol.answers.intents import Language
from dangol.answers.summaries import Terms, shown_id
from dangol.answers.texts import FACTS
from dangol.answers.writing import displayed, grade_name, spoken_time

TEXTS: dict[Language, dict[str, str]] = {
    "ko": {
        "language": "ko",
        "title": "단골",
        "subtitle": "주문이 들어오는 대로 매기는 고객 등급, 출처가 있는 답",
        "other": "English",
        "other_language": "en",
        "now": "지금",
        "waiting": "아직 고객 표가 없습니다. 스트림이 첫 주문을 처리하면 여기에 나타납니다.",
        "customers": "고객",
        "purchases": "집계 기간의 구매",
        "committed": "마지막 반영",
        "ungraded": "등급 없음",
        "ask": "물어보기",
        "label": "고객의 등급이나 등급의 특징을 물어보세요",
        "placeholder": "예: 고객 12347 등급 알려줘",
        "send": "묻기",
        "proof": "근거",
        "fact": "항목",
        "value": "값",
        "subject": "대상",
        "source": "표",
        "version": "버전",
        "as_of": "기준 시각",
        "committed_at": "반영 시각",
        "loopback": "이 페이지는 이 컴퓨터에서만 열리며 로그인이 없습니다.",
        "membership": "소속 확률은 그 등급에 속할 확률이며, 이탈 확률이 아닙니다.",
    },
    "en": {
        "language": "en",
        "title": "dangol",
        "subtitle": "Customer grades as orders arrive, and answers with a source",
        "other": "한국어",
        "other_language": "ko",
        "now": "Now",
        "waiting": "There are no customer tables yet. They appear here once the stream has processed its first orders.",
        "customers": "Customers",
        "purchases": "Purchases in the window",
        "committed": "Last commit",
        "ungraded": "No grade",
        "ask": "Ask",
        "label": "Ask for a customer's grade, or what a grade is like",
        "placeholder": "For example: What grade is customer 12347?",
        "send": "Ask",
        "proof": "Proof",
        "fact": "Fact",
        "value": "Value",
        "subject": "Of",
        "source": "Table",
        "version": "Version",
        "as_of": "As of",
        "committed_at": "Committed",
        "loopback": "This page opens on this computer only and has no sign-in.",
        "membership": "A membership probability is the probability of belonging to that grade, not of leaving.",
    },
}


def header_html(texts: dict[str, str]) -> str:
    return f'<header lang="{texts["language"]}"><h1>{texts["title"]}</h1><p>{texts["subtitle"]}</p></header>'


def now_html(terms: Terms, evidence: Evidence, language: Language) -> str:
    """Totals, and a bar for each grade."""
    texts, counts = TEXTS[language], {row["grade"]: row["customers"] for row in evidence.rows}
    customers, purchases = sum(counts.values()), sum(row["purchases"] for row in evidence.rows)
    committed = spoken_time(evidence.source.committed_at, language, terms.zone)
    shown = [
        (grade_name(name, language, terms.grade_names), counts.get(name, 0))
        for name in reversed(terms.grade_names["en"])
    ]
    if None in counts:
        shown.append((texts["ungraded"], counts[None]))
    tiles = (
        (texts["customers"], f"{customers:,}"),
        (texts["purchases"], f"{purchases:,}"),
        (texts["committed"], committed),
    )
    return (
        f'<div lang="{language}"><div class="tiles">'
        + "".join(f"<div><span>{label}</span><strong>{value}</strong></div>" for label, value in tiles)
        + '</div><div class="bars" role="list">'
        + "".join(bar_html(label, count, customers, place) for place, (label, count) in enumerate(shown))
        + f'</div><p class="source">{evidence.source.table} · {texts["version"]} {evidence.source.version}</p></div>'
    )


def bar_html(label: str, customers: int, total: int, place: int) -> str:
    percent = 100 * customers / total if total else 0
    return (
        f'<div class="bar" role="listitem"><span>{html.escape(label)}</span>'
        f'<span class="track"><span class="fill place{place}" style="width:{percent:.1f}%"></span></span>'
        f'<strong>{customers:,}</strong><span class="share">{percent:.1f}%</span></div>'
    )


def answer_html(terms: Terms, answer: Answer) -> str:
    """A question, its answer, and one click away the proof."""
    return (
        f'<article class="{answer.status}" lang="{answer.language}"><h3>{escaped(answer.question)}</h3>'
        f"<p>{escaped(answer.text)}</p>{proof_html(terms, answer)}</article>"
    )


def escaped(text: str) -> str:
    """Text as HTML without an empty line, at which Markdown would begin to read it."""
    return "<br>".join(html.escape(line) for line in text.splitlines() if line.strip())


def proof_html(terms: Terms, answer: Answer) -> str:
    """Each fact with where it was read, and what each query means."""
    language = answer.language
    if not answer.facts:
        return ""
    texts = TEXTS[language]
    rows = "".join(
        f'<tr><th scope="row">{FACTS[fact.name][language]}</th><td>{html.escape(shown_id(fact.subject or ""))}</td>'
        f"<td>{html.escape(displayed(fact, language, terms.grade_names, terms.zone))}</td>"
        f"<td>{fact.source.table}</td><td>{fact.source.version}</td>"
        f"<td>{spoken_time(fact.as_of, language, terms.zone)}</td></tr>"
        for fact in answer.facts
    )
    names = ("fact", "subject", "value", "source", "version", "as_of")
    heads = "".join(f'<th scope="col">{texts[name]}</th>' for name in names)
    sources = {one.source.table: one.source.version for one in answer.facts}
    told = " · ".join(f"{table} {texts['version']} {version}" for table, version in sources.items())
    definitions = dict.fromkeys(one.query.definition[language] for one in answer.evidence)
    return (
        f"<details><summary>{texts['proof']} · {told}</summary>"
        f"<p>{html.escape(' '.join(definitions))}</p>"
        f'<div class="scroll" tabindex="0"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
        "</details>"
    )
