"""The page as Gradio lays it out, once per language. Importing Gradio takes seconds: only the server imports this."""

import os
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported

import gradio as gr
from fastapi import FastAPI

from dangol.answers.answering import Answer, examples
from dangol.answers.intents import Language
from dangol.answers.queries import GRADES_NOW
from dangol.edges.asking import Asker
from dangol.edges.panels import TEXTS, answer_html, header_html, now_html
from dangol.errors import StoreError

REFRESH_SECONDS = 2.0
ANSWERS_KEPT = 20
STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
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


def mount_pages(app: FastAPI, asker: Asker) -> None:
    """Mounts one page per language, at /ko and /en."""
    for language in TEXTS:
        gr.mount_gradio_app(
            app,
            page(asker, language),
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


def page(asker: Asker, language: Language) -> gr.Blocks:
    texts, terms = TEXTS[language], asker.answerer.terms

    def panel() -> str:
        try:
            return now_html(terms, asker.answerer.lake.run(GRADES_NOW), language)
        except StoreError:
            return f'<p class="waiting">{texts["waiting"]}</p>'

    def ask(question: str, answers: list[Answer]) -> tuple[str, list[Answer], str]:
        if question.strip():
            before = answers[0].request if answers else None
            answers = [asker(question, before), *answers][:ANSWERS_KEPT]
        return "", answers, "".join(answer_html(terms, answer) for answer in answers)

    blocks: gr.Blocks = gr.Blocks(title=f"{texts['title']} · {texts['subtitle']}", analytics_enabled=False)
    with blocks:
        answers = gr.State([])
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
        markup(f"<h2>{texts['now']}</h2>")
        now = markup("…", elem_id="now")  # numbers of when the server started would be stale by now
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
            chips = [gr.Button(example, size="sm", min_width=0) for example in examples(language, terms.grade_names)]
        said = markup(elem_id="answers")
        markup(
            f'<footer class="notes" lang="{language}"><p>{texts["membership"]}</p><p>{texts["loopback"]}</p></footer>'
        )
        hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        for trigger in (question.submit, send.click):
            trigger(ask, [question, answers], [question, answers, said], **hidden)
        for chip in chips:
            chip.click(ask, [chip, answers], [question, answers, said], **hidden)
        blocks.load(panel, None, now, **hidden)
        gr.Timer(REFRESH_SECONDS).tick(panel, None, now, **hidden)
    return blocks


def markup(value: str = "", **more: Any) -> gr.Markdown:
    """Our own HTML, sanitised once more by the browser. Not gr.HTML: its templates need `unsafe-eval`."""
    return gr.Markdown(value, sanitize_html=True, latex_delimiters=[], **more)


def theme() -> gr.themes.Base:
    return gr.themes.Base(
        primary_hue="emerald",
        neutral_hue="slate",
        font=FONTS,
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
    )
