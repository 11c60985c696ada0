"use strict";
// Every form that posts is sent from here; the answer's parts replace those of the page. The panel is asked for again
// and again: often while something was sent and is not seen yet.

const AWAITED_MS = 300, CALM_MS = 2000, SAID_MS = 12000;
const said = document.getElementById("said"), wrong = document.getElementById("wrong");
const shown = {};
let busy = false, telling = false, sent = 0, next, silence;

const awaited = () => document.querySelector("#told[data-waiting]") !== null;

function say(text) { // the panel keeps what is told of an order
  said.textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => (said.textContent = ""), SAID_MS);
}

function show(answer) {
  for (const [id, html] of Object.entries(answer.fragments ?? {})) {
    if (shown[id] !== html) replace(document.getElementById(id), html);
    shown[id] = html;
  }
  const told = document.getElementById("told");
  if (!telling || !told || awaited()) return;
  say(told.textContent);
  telling = false;
}

function replace(part, html) {
  const focused = part.contains(document.activeElement) ? document.activeElement.id : null;
  part.innerHTML = html;
  if (focused === null) return;
  const again = document.getElementById(focused);
  (again && !again.disabled ? again : part.querySelector("h2")).focus();
}

async function ask(url, options) {
  try {
    const answer = await (await fetch(url, options)).json();
    if (wrong.textContent === document.body.dataset.gone) wrong.textContent = "";
    return answer;
  } catch {
    return { error: document.body.dataset.gone };
  }
}

async function send(form, submitter) {
  if (busy) return;
  busy = true;
  sent += 1; // an answer to what was asked before is out of date
  say(document.body.dataset.sending);
  wrong.textContent = "";
  const url = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  const answer = await ask(url, { method: "POST", body: new URLSearchParams(new FormData(form, submitter)) });
  say(answer.said ?? "");
  wrong.textContent = answer.error ?? "";
  telling ||= Boolean(answer.said && answer.fragments.panel);
  show(answer);
  busy = false;
  soon();
}

function soon() {
  clearTimeout(next);
  next = setTimeout(follow, awaited() ? AWAITED_MS : CALM_MS);
}

async function follow() {
  if (!document.hidden && !busy) {
    const before = sent;
    const answer = await ask(document.body.dataset.panel);
    if (answer.error) wrong.textContent = answer.error;
    else if (sent === before) show(answer);
  }
  soon();
}

document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  event.preventDefault();
  send(event.target, event.submitter);
});
document.addEventListener("change", (event) => {
  if ("send" in event.target.dataset) event.target.form.requestSubmit();
});
follow();
