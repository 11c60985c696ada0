"""The page as Gradio lays it out, once per language. Importing Gradio takes seconds: only the server imports this."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import Response

from dangol.edges import ask_tab, audience_tab, explore_tabs, today_tab
from dangol.edges.asking import Asker
from dangol.edges.audiences import Audiences
from dangol.edges.desk import QUIET, Desk, markup
from dangol.edges.page_texts import TEXTS
from dangol.edges.panels import escaped, header_html
from dangol.edges.people import LOCAL, person_of

HERE = Path(__file__)
WAITING = 64
"""Calls that wait; one more is refused."""
AT_ONCE = 4
"""Calls of one function."""
LOOKS_FOR_CALLS_SECONDS = 1.0
"""How often Gradio looks into its queue, where no call of ours waits (desk.QUIET). By default a thousand times a second
for each page: a twentieth of a core while nobody asks."""
WARM_UP_SECONDS = 2.0
"""After these the page is up and MLflow is imported, which takes seconds: neither at the start nor on a click."""
STYLE = HERE.with_name("page.css").read_text(encoding="utf-8")
SCRIPT = HERE.with_name("page.js").read_text(encoding="utf-8")
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


def mount_pages(app: FastAPI, asker: Asker, audiences: Audiences) -> None:
    """Mounts one page per language, at /ko and /en, and their script."""

    @app.get("/page.js")
    def script() -> Response:
        return Response(SCRIPT, media_type="text/javascript")

    desks = [Desk(asker, audiences, language) for language in TEXTS]
    warm_up = threading.Timer(WARM_UP_SECONDS, desks[0].champion)
    warm_up.daemon = True
    warm_up.start()
    for desk in desks:
        gr.mount_gradio_app(
            app,
            page(desk),
            path=f"/{desk.language}",
            theme=theme(),
            css=STYLE,
            head='<script src="/page.js" defer></script>',
            show_error=False,
            mcp_server=False,
            run_history=False,
            ssr_mode=False,
            enable_monitoring=False,
            footer_links=[],
        )


def page(desk: Desk) -> gr.Blocks:
    texts = desk.texts
    blocks: gr.Blocks = gr.Blocks(title=f"{texts['title']} · {texts['subtitle']}", analytics_enabled=False)
    with blocks:
        head(desk)
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap") as tabs:
            today = today_tab.build(desk)
            ask = ask_tab.build(desk)
            explore = explore_tabs.build(desk)
            audience = audience_tab.build(desk)
            compare = explore_tabs.build_compare(desk)
            health = explore_tabs.build_health(desk)
        foot = markup()
        command = gr.Textbox(label=texts["command"], elem_id="act", elem_classes=["unseen"])
        today_tab.connect(desk, today, tabs, audience, [ask.tab, *explore.tabs, audience.tab, compare, health])
        ask_tab.connect(desk, ask, explore, tabs, command)
        blocks.load(foot_of(desk), None, foot, **QUIET)
        blocks.load(today.look, today.seen, today.shown, **QUIET)
    blocks.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE)
    blocks._queue.sleep_when_free = LOOKS_FOR_CALLS_SECONDS
    return blocks


def head(desk: Desk) -> None:
    texts = desk.texts
    with gr.Row(elem_id="head"):
        markup(header_html(texts))
        gr.Button(
            texts["other"],
            link=f"/{texts['other_language']}",
            link_target="_self",
            scale=0,
            min_width=0,
            size="sm",
            elem_id="language",
        )


def foot_of(desk: Desk) -> Callable[[gr.Request], str]:
    def foot(request: gr.Request) -> str:
        texts, person = desk.texts, person_of(request)
        told = desk.view(request).say("signed_in", name=person.name, role=texts[person.role])
        shown = escaped(texts["loopback"] if person == LOCAL else told)
        leave = "" if person == LOCAL else f' <a href="/sign-out">{texts["sign_out"]}</a>'
        return (
            f'<footer class="notes" lang="{desk.language}"><p>{texts["membership"]}</p><p>{shown}{leave}</p></footer>'
        )

    return foot


def theme() -> gr.themes.Base:
    return gr.themes.Base(
        primary_hue="emerald",
        neutral_hue="slate",
        font=FONTS,
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
    )
