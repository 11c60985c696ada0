"""The tab Ask: questions and answers, what they were understood as, and what people think of them."""

import secrets
from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr

from dangol.answers.answering import Answer, examples
from dangol.answers.intents import Request
from dangol.edges.audiences import REASONS
from dangol.edges.desk import QUIET, Desk, markup
from dangol.edges.explore_tabs import ExploreTabs
from dangol.edges.panels import View, answer_html, chips, escaped, note_html
from dangol.edges.people import person_of

ANSWERS_KEPT = 10
LONGEST_QUESTION = 500
LOOK_SECONDS = 0.3
"""Between two looks at what a language model has said of an answer so far."""


class Said(NamedTuple):
    """An answer, and what the page shows of it."""

    id: str
    answer: Answer
    html: str


Kept = list[Said]
"""The newest first."""


@dataclass(frozen=True)
class AskTab:
    tab: gr.Tab
    question: gr.Textbox
    kept: gr.State
    said: gr.Markdown
    judged: gr.State
    judging: gr.Column
    reason: gr.Radio
    give: gr.Button
    thanks: gr.Markdown


def build(desk: Desk) -> AskTab:
    texts, terms = desk.texts, desk.asker.answerer.terms
    with gr.Tab(texts["tab_ask"], id="ask", elem_id="tab-ask") as tab:
        kept, judged = gr.State([]), gr.State("")
        with gr.Row(elem_id="ask"):
            question = gr.Textbox(
                label=texts["label"],
                placeholder=texts["placeholder"],
                max_lines=1,
                max_length=LONGEST_QUESTION,
                scale=5,
                elem_id="question",
            )
            send = gr.Button(texts["send"], variant="primary", scale=1, min_width=88, elem_id="send")
        with gr.Row(elem_id="examples"):
            shown = [gr.Button(one, size="sm", min_width=0) for one in examples(desk.language, terms.grade_names)]
        markup(f'<p class="hint">{texts["follow_up"]}</p>')
        with gr.Column(visible=False, elem_id="judging") as judging:
            reason = gr.Radio(
                [(words[desk.language], name) for name, words in REASONS.items()],
                label=texts["why_bad"],
                elem_id="reason",
            )
            give = gr.Button(texts["give"], size="sm", min_width=0, elem_id="give")
        is_told = desk.asker.answerer.tools.writer is not None
        telling, timer = Telling(), gr.Timer(LOOK_SECONDS, active=False)
        told = markup(elem_id="telling", visible=is_told)
        thanks = markup(elem_id="thanks")
        said = markup(elem_id="answers")
    built = AskTab(tab, question, kept, said, judged, judging, reason, give, thanks)

    def ask(asked: str, kept: Kept, request: gr.Request) -> tuple[Any, ...]:
        view, before = desk.view(request), kept[0].answer.request if kept else None
        try:
            if asked.strip():
                heard = telling.heard(request).append
                kept = added(view, kept, desk.asker(asked[:LONGEST_QUESTION], before, view.role, heard))
        finally:
            telling.end(request)
        return "", kept, answers_html(kept), ""

    outputs = [question, kept, said, thanks]
    asks = [(question.submit, question), (send.click, question), *((one.click, one) for one in shown)]
    for trigger, asked in asks:
        if is_told:
            trigger(telling.begin, None, [timer, told], **QUIET).then(ask, [asked, kept], outputs, **QUIET)
        else:
            trigger(ask, [asked, kept], outputs, **QUIET)
    timer.tick(telling.look, None, [timer, told], **QUIET)
    return built


class Telling:
    """What a language model has said so far, by the session that waits for it. Sentences come from one thread and are
    looked at from others."""

    def __init__(self) -> None:
        self.sentences: dict[str, list[str]] = {}

    def begin(self, request: gr.Request) -> tuple[gr.Timer, str]:
        self.sentences[session_of(request)] = []
        return gr.Timer(active=True), ""

    def heard(self, request: gr.Request) -> list[str]:
        return self.sentences.get(session_of(request), [])

    def end(self, request: gr.Request) -> None:
        self.sentences.pop(session_of(request), None)

    def look(self, request: gr.Request) -> tuple[gr.Timer, str]:
        """The sentences, until the whole answer is there."""
        told = escaped(" ".join(self.heard(request)))
        waits = session_of(request) in self.sentences
        return gr.Timer(active=waits), f'<p class="said">{told}</p>' if told else ""


def session_of(request: gr.Request) -> str:
    return str(request.session_hash)


def added(view: View, kept: Kept, answer: Answer) -> Kept:
    answer_id = secrets.token_hex(4)
    return [Said(answer_id, answer, answer_html(view, answer, answer_id)), *kept][:ANSWERS_KEPT]


def answers_html(kept: Kept) -> str:
    return "".join(said.html for said in kept)


def connect(desk: Desk, ask: AskTab, explore: ExploreTabs, tabs: gr.Tabs, command: gr.Textbox) -> None:
    """What the buttons inside of answers, of the map and of lists do."""

    def act(told: str, kept: Kept, request: gr.Request) -> dict[Any, Any]:
        _, name, value = (*told.split("/", 2), "", "")[:3]
        view, answers = desk.view(request), {said.id: said.answer for said in kept}
        if name == "customer":
            return {tabs: gr.Tabs(selected="customer"), **explore.open_customer(value, request)}
        answer_id, _, place = value.partition("/")
        answer = answers.get(answer_id)
        if answer is None:
            return {ask.thanks: ""}
        if name == "drop":
            kept = dropped(desk, view, kept, answer, place)
            return {ask.kept: kept, ask.said: answers_html(kept)}
        if name == "up":
            desk.audiences.feedback(answer.question, "up", None, person_of(request))
            return {ask.thanks: note_html(desk.texts["thanks"]), ask.judging: gr.Column(visible=False)}
        if name == "down":
            return {ask.judged: answer.question, ask.judging: gr.Column(visible=True), ask.thanks: ""}
        return {ask.thanks: ""}

    outputs = [tabs, *explore.customer_parts, ask.kept, ask.said, ask.thanks, ask.judged, ask.judging]
    command.change(act, [command, ask.kept], outputs, **QUIET)

    def judge(question: str, reason: str | None, request: gr.Request) -> tuple[Any, ...]:
        desk.audiences.feedback(question, "down", reason, person_of(request))
        return gr.Column(visible=False), gr.Radio(value=None), note_html(desk.texts["thanks"])

    ask.give.click(judge, [ask.judged, ask.reason], [ask.judging, ask.reason, ask.thanks], **QUIET)


def dropped(desk: Desk, view: View, kept: Kept, answer: Answer, place: str) -> Kept:
    """The answer again, without one part of what its question was understood as."""
    shown = chips(answer.request, view.terms)
    without: Request | None = shown[int(place)].without if place.isdecimal() and int(place) < len(shown) else None
    if without is None:
        return kept
    return added(view, kept, view.answerer.answer_request(answer.question, without, view.role))
