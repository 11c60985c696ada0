"""The page: Gradio in FastAPI, Korean at /ko and English at /en, on loopback, without a request to any other host."""

import html
import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported

import gradio as gr

from dangol.answers.answering import Answer, Answerer, examples
from dangol.answers.evidence import Evidence
from dangol.answers.intents import Language
from dangol.answers.queries import GRADES_NOW
from dangol.answers.writing import displayed, grade_name, spoken_time
from dangol.errors import SetupError, StoreError

LOOPBACK = ("127.0.0.1", "localhost")
REFRESH_SECONDS = 2.0
ANSWERS_KEPT = 20
STYLE = (Path(__file__).parent / "web.css").read_text(encoding="utf-8")
FONTS = [
    "-apple-system",
    "BlinkMacSystemFont",
    "Segoe UI",
    "Apple SD Gothic Neo",
    "Noto Sans KR",
    "Noto Sans CJK KR",
    "Malgun Gothic",
    "sans-serif",
]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
"""Gradio writes style attributes, so styles stay inline; its own inline scripts get a nonce, any other does not run."""

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f766e"/>'
    '<path d="M9 22V15M16 22V11M23 22V7" stroke="#fff" stroke-width="4" stroke-linecap="round"/></svg>'
)

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
        "source": "Table",
        "version": "Version",
        "as_of": "As of",
        "committed_at": "Committed",
        "loopback": "This page opens on this computer only and has no sign-in.",
        "membership": "A membership probability is the probability of belonging to that grade, not of leaving.",
    },
}

FACTS: dict[str, tuple[str, str]] = {
    "grade": ("등급", "Grade"),
    "grade_rank": ("등급 순위", "Rank of the grade"),
    "p_grade": ("이 등급의 소속 확률", "Membership probability"),
    "p_max": ("가장 높은 소속 확률", "Greatest membership probability"),
    "recency_days": ("마지막 구매 후 경과일", "Days since the last purchase"),
    "frequency": ("구매 횟수", "Purchases"),
    "monetary": ("구매 금액(반품 제외)", "Spending after returns"),
    "monetary_gross": ("구매 금액(반품 전)", "Spending before returns"),
    "last_purchase_date": ("마지막 구매일", "Last purchase"),
    "state": ("활동 상태", "Activity"),
    "model_version": ("모델 버전", "Model version"),
    "customers": ("고객 수", "Customers"),
    "customer_share": ("고객 비율", "Share of graded customers"),
    "recency_median": ("경과일, 중앙값", "Days since purchase, median"),
    "recency_mean": ("경과일, 평균", "Days since purchase, mean"),
    "frequency_median": ("구매 횟수, 중앙값", "Purchases, median"),
    "frequency_mean": ("구매 횟수, 평균", "Purchases, mean"),
    "monetary_median": ("구매 금액, 중앙값", "Spending, median"),
    "monetary_mean": ("구매 금액, 평균", "Spending, mean"),
    "monetary_total": ("구매 금액, 합계", "Spending, total"),
    "monetary_share": ("구매 금액 비율", "Share of spending"),
    "boundary_customers": ("경계 고객", "Boundary customers"),
}


def serve(answerer: Answerer, *, host: str, port: int, announce: Callable[[str], None] = print) -> None:
    """Serves the page until interrupted; `announce` gets its URL. Port 0 takes a free one.

    Raises SetupError when the address is not loopback, or the port is taken.
    """
    bound = listener(host, port)
    app = site(answerer)
    announce(f"http://{host}:{bound.getsockname()[1]}/")
    uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False)).run(sockets=[bound])


def listener(host: str, port: int) -> socket.socket:
    if host not in LOOPBACK:
        raise SetupError(f"page.host is {host!r}, but the page has no sign-in; set it to 127.0.0.1")
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise SetupError(
            f"port {port} of {host} cannot be used ({error.strerror}); choose another with --set page.port=..."
        ) from error
    return bound


def site(answerer: Answerer) -> ASGIApp:
    """The application: both pages, /healthz, and the headers that hold them."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    def healthz() -> Response:
        try:
            evidence = answerer.lake.run(GRADES_NOW)
        except StoreError:
            return JSONResponse({"status": "waiting for tables"}, status_code=503)
        return JSONResponse({"status": "ok", "table": evidence.table, "version": evidence.version})

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(ICON, media_type="image/svg+xml")

    @app.get("/")
    def start(request: Request) -> Response:
        wanted = request.headers.get("accept-language", "ko")
        return RedirectResponse("/ko" if wanted.lower().startswith("ko") else "/en", status_code=303)

    for language in TEXTS:
        gr.mount_gradio_app(
            app,
            page(answerer, language),
            path=f"/{language}",
            theme=theme(),
            css=STYLE,
            show_error=False,
            mcp_server=False,
            run_history=False,
            ssr_mode=False,
            enable_monitoring=False,
            footer_links=[],
        )
    return TrustedHostMiddleware(SecurityHeaders(app), allowed_hosts=list(LOOPBACK))


def page(answerer: Answerer, language: Language) -> gr.Blocks:
    texts = TEXTS[language]

    def panel() -> str:
        try:
            return now_html(answerer, answerer.lake.run(GRADES_NOW), language)
        except StoreError:
            return f'<p class="waiting">{texts["waiting"]}</p>'

    def ask(question: str, answers: list[Answer]) -> tuple[str, list[Answer], str]:
        if question.strip():
            answers = [answerer.answer(question), *answers][:ANSWERS_KEPT]
        return "", answers, "".join(answer_html(answerer, answer) for answer in answers)

    with gr.Blocks(title=f"{texts['title']} · {texts['subtitle']}", analytics_enabled=False) as blocks:
        answers = gr.State([])
        markup(header_html(texts))
        markup(f"<h2>{texts['now']}</h2>")
        now = markup(panel, elem_id="now")
        markup(f"<h2>{texts['ask']}</h2>")
        with gr.Row(elem_id="ask"):
            question = gr.Textbox(
                label=texts["label"],
                placeholder=texts["placeholder"],
                max_lines=1,
                max_length=500,
                scale=5,
                elem_id="question",
            )
            send = gr.Button(texts["send"], variant="primary", scale=1, min_width=88, elem_id="send")
        with gr.Row(elem_id="examples"):
            chips = [gr.Button(example, size="sm", min_width=0) for example in examples(language, answerer.grade_names)]
        said = markup(elem_id="answers")
        markup(
            f'<footer class="notes" lang="{language}"><p>{texts["membership"]}</p><p>{texts["loopback"]}</p></footer>'
        )
        hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        for trigger in (question.submit, send.click):
            trigger(ask, [question, answers], [question, answers, said], **hidden)
        for chip in chips:
            chip.click(ask, [chip, answers], [question, answers, said], **hidden)
        gr.Timer(REFRESH_SECONDS).tick(panel, None, now, **hidden)
    return blocks


def markup(value: str | Callable[[], str] = "", **more: Any) -> gr.Markdown:
    """Our own HTML, sanitised once more by the browser. Not gr.HTML: its templates need `unsafe-eval`."""
    return gr.Markdown(value, sanitize_html=True, latex_delimiters=[], **more)


def theme() -> gr.themes.Base:
    return gr.themes.Base(
        primary_hue="emerald",
        neutral_hue="slate",
        font=FONTS,
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
    )


def header_html(texts: dict[str, str]) -> str:
    return (
        f'<header lang="{texts["language"]}"><div><h1>{texts["title"]}</h1><p>{texts["subtitle"]}</p></div>'
        f'<a href="/{texts["other_language"]}" lang="{texts["other_language"]}">{texts["other"]}</a></header>'
    )


def now_html(answerer: Answerer, evidence: Evidence, language: Language) -> str:
    """Totals, and a bar for each grade."""
    texts, counts = TEXTS[language], {row["grade"]: row["customers"] for row in evidence.rows}
    customers, purchases = sum(counts.values()), sum(row["purchases"] for row in evidence.rows)
    committed = spoken_time(evidence.committed_at, language, answerer.zone)
    shown = [
        (grade_name(name, language, answerer.grade_names), counts.get(name, 0))
        for name in reversed(answerer.grade_names["en"])
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
        + f'</div><p class="source">{evidence.table} · {texts["version"]} {evidence.version}</p></div>'
    )


def bar_html(label: str, customers: int, total: int, place: int) -> str:
    percent = 100 * customers / total if total else 0
    return (
        f'<div class="bar" role="listitem"><span>{html.escape(label)}</span>'
        f'<span class="track"><span class="fill place{place}" style="width:{percent:.1f}%"></span></span>'
        f'<strong>{customers:,}</strong><span class="share">{percent:.1f}%</span></div>'
    )


def answer_html(answerer: Answerer, answer: Answer) -> str:
    """A question, its answer, and one click away the proof."""
    return (
        f'<article class="{answer.status}" lang="{answer.language}"><h3>{escaped(answer.question)}</h3>'
        f"<p>{escaped(answer.text)}</p>{proof_html(answerer, answer)}</article>"
    )


def escaped(text: str) -> str:
    """Text as HTML without an empty line, at which Markdown would begin to read it."""
    return "<br>".join(html.escape(line) for line in text.splitlines() if line.strip())


def proof_html(answerer: Answerer, answer: Answer) -> str:
    evidence, language = answer.evidence, answer.language
    if evidence is None or not answer.facts:
        return ""
    texts, column = TEXTS[language], 0 if language == "ko" else 1
    rows = "".join(
        f'<tr><th scope="row">{FACTS[fact.name][column]}</th>'
        f"<td>{html.escape(displayed(fact, language, answerer.grade_names, answerer.zone))}</td>"
        f"<td>{fact.table}</td><td>{fact.version}</td><td>{spoken_time(fact.as_of, language, answerer.zone)}</td></tr>"
        for fact in answer.facts
    )
    heads = "".join(f'<th scope="col">{texts[name]}</th>' for name in ("fact", "value", "source", "version", "as_of"))
    committed = spoken_time(evidence.committed_at, language, answerer.zone)
    return (
        f"<details><summary>{texts['proof']} · {evidence.table} · {texts['version']} {evidence.version}</summary>"
        f"<p>{html.escape(evidence.query.definition[language])} {texts['committed_at']}: {committed}</p>"
        f'<div class="scroll" tabindex="0"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
        "</details>"
    )


class SecurityHeaders:
    """Adds the headers to every response, and to a page's own inline scripts the nonce that lets them run."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        is_page = scope["path"].strip("/") in TEXTS
        if is_page:  # it is rewritten below, so it must not arrive compressed
            scope = {**scope, "headers": [header for header in scope["headers"] if header[0] != b"accept-encoding"]}
        held: list[Message] = []

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.format(nonce=nonce)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["X-Frame-Options"] = "DENY"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
            if not is_page:
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                body = b"".join(part.get("body", b"") for part in held)
                body = body.replace(b"<script", f'<script nonce="{nonce}"'.encode())
                MutableHeaders(scope=held[0])["Content-Length"] = str(len(body))
                await send(held[0])
                await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, secured)
