"""A server that speaks as much of OpenAI's chat completions and embeddings as a client needs, and fails as asked."""

import base64
import json
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Fault = Literal[
    "429",  # too many requests, come back at once
    "429 later",  # ... come back in a minute
    "401",  # a wrong key, which the server repeats
    "500",
    "redirect",
    "timeout",  # not a byte
    "drip",  # comments that keep the connection open, never a word
    "broken stream",  # half a sentence, then the connection is gone
    "cut off",  # the limit of tokens
    "no end",  # a stream that ends without saying why
    "pause",  # says half, and the rest when `go_on` is set
    "endless",
    "refusal",
    "filtered",
    "empty",
    "page",  # HTML with status 200
    "no choices",
    "fewer",  # vectors than texts
    "not a number",  # in a vector
    "uneven",  # vectors of several sizes
]


@dataclass(frozen=True)
class Received:
    path: str
    headers: Message  # names in any case
    body: dict[str, Any]

    @property
    def said(self) -> str:
        """Everything that the messages hold."""
        return "\n".join(message["content"] for message in self.body["messages"])


class ModelServer:
    """Serves on a free port of 127.0.0.1 while it is open; `received` holds each request in order."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.replies: list[tuple[str, Fault | None]] = []
        self.closing, self.go_on = threading.Event(), threading.Event()

    def __enter__(self) -> "ModelServer":
        owner = self

        class Bound(Handler):
            fake = owner

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def will(self, *replies: str | tuple[Literal["fail"], Fault] | tuple[Literal["fail"], Fault, str]) -> None:
        """Replies in order, the last one again and again: a text, or ("fail", how), with the text before it fails."""
        self.replies = [
            (reply, None) if isinstance(reply, str) else ("".join(reply[2:]), reply[1]) for reply in replies
        ]

    def next_reply(self) -> tuple[str, Fault | None]:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class Handler(BaseHTTPRequestHandler):
    fake: ModelServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.fake.received.append(Received(self.path, self.headers, body))
        text, fault = self.fake.next_reply()
        self.close_connection = True
        if fault in ("429", "429 later", "401", "500", "redirect"):
            self.refuse(fault)
        elif fault == "timeout":
            self.fake.closing.wait(10)
        elif fault == "page":
            self.send("text/html", b"<html>The service is being repaired</html>")
        elif fault == "no choices":
            self.send("application/json", b'{"choices": null}')
        elif self.path.endswith("/embeddings"):
            self.send("application/json", json.dumps(embedded(body, fault)).encode())
        elif body.get("stream"):
            self.stream(text, fault)
        else:
            self.send("application/json", json.dumps(completion(text, fault)).encode())

    def refuse(self, fault: Fault) -> None:
        key = self.headers["Authorization"]
        body = json.dumps({"error": {"message": f"not with {key}", "type": "x", "code": fault}}).encode()
        self.send_response(307 if fault == "redirect" else int(fault[:3]))
        if fault == "redirect":
            self.send_header("Location", self.path + "/elsewhere")
        self.send_header(
            "retry-after" if fault == "429 later" else "retry-after-ms", "60" if fault == "429 later" else "1"
        )
        self.finish_with("application/json", body)

    def send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.finish_with(kind, body)

    def finish_with(self, kind: str, body: bytes) -> None:
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, text: str, fault: Fault | None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        if fault == "broken stream":
            self.send_header("Content-Length", "1000000")  # so that its end is seen as too early
        self.end_headers()
        try:
            for event in self.events(text, fault):
                self.wfile.write(event)
                self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            return

    def events(self, text: str, fault: Fault | None) -> Iterator[bytes]:
        match fault:
            case "drip":
                while not self.fake.closing.wait(0.02):
                    yield b": still thinking\n\n"
            case "endless":
                while not self.fake.closing.is_set():
                    yield event({"content": "candles and "})
            case "broken stream":
                yield event({"role": "assistant", "content": "The customer"})
            case "refusal":
                yield event({"role": "assistant", "refusal": "I cannot help with that."})
                yield event({}, "stop") + b"data: [DONE]\n\n"
            case _:
                for start in range(0, len(text), 7):
                    if fault == "pause" and start > len(text) / 2:
                        self.fake.go_on.wait(60)
                    yield event({"role": "assistant", "content": text[start : start + 7]})
                ends = {"cut off": "length", "filtered": "content_filter", "no end": None}
                yield event({}, ends.get(str(fault), "stop")) + b"data: [DONE]\n\n"

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: a test's output is its own."""


def event(delta: dict[str, str], finish_reason: str | None = None) -> bytes:
    chunk = {
        "id": "chat-1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "test",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()


def completion(text: str, fault: Fault | None) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if fault == "refusal":
        message = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
    ends = {"cut off": "length", "filtered": "content_filter"}
    return {
        "id": "chat-1",
        "object": "chat.completion",
        "created": 0,
        "model": "test",
        "choices": [{"index": 0, "message": message, "finish_reason": ends.get(str(fault), "stop")}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


def embedded(body: dict[str, Any], fault: Fault | None) -> dict[str, Any]:
    """A vector for each text: how many characters it has, and how many of them are an e."""
    vectors = [[float(len(text)), float(text.count("e"))] for text in body["input"]]
    match fault:
        case "fewer":
            vectors = vectors[1:]
        case "not a number":
            vectors[-1][1] = float("nan")
        case "uneven":
            vectors[-1] += [1.0]
    shown: list[Any] = [
        base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
        if body.get("encoding_format") == "base64"
        else vector
        for vector in vectors
    ]
    return {
        "object": "list",
        "model": "test",
        "data": [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(shown)],
        "usage": {"prompt_tokens": 1, "total_tokens": 1},
    }
