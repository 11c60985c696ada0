import json
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter

import pytest
from structlog.testing import capture_logs

from dangol.answers.intents import Period, Scope
from dangol.edges import question_log
from dangol.edges.pseudonyms import pseudonym
from dangol.edges.question_log import KEPT_FILES, QuestionLog, forget, mentions

ALWAYS = Period()
SEPTEMBER = Period(date(2011, 9, 1), date(2011, 9, 30))


@dataclass(frozen=True)
class Answer:
    """Of the parts of an answer, some must not be written."""

    scope: Scope
    language: str = "ko"
    intent: str = "grade_lookup"
    status: str = "answered"
    writer: str = "template"
    question: str = "고객 12347 등급 알려줘, 전화 010-1234-5678"
    text: str = "고객 12347의 등급은 골드입니다."


def answer(*customer_ids: str, grades: tuple[str, ...] = (), period: Period = ALWAYS) -> Answer:
    return Answer(Scope(customer_ids, grades, period))


def lines(home: Path) -> list[dict[str, object]]:
    return [json.loads(line) for file in question_log.files(home / "logs") for line in file.read_text().splitlines()]


def test_a_line_tells_what_was_asked_and_not_of_whom(tmp_path: Path) -> None:
    QuestionLog(tmp_path).note(answer("12347", "12350", grades=("Gold",), period=SEPTEMBER), "marketer", 0.0416)

    (line,) = lines(tmp_path)
    assert datetime.now(UTC) - datetime.fromisoformat(str(line.pop("time"))) < timedelta(minutes=1)
    assert line == {
        "language": "ko",
        "intent": "grade_lookup",
        "status": "answered",
        "role": "marketer",
        "customers": 2,
        "pseudonyms": [pseudonym(tmp_path, "12347"), pseudonym(tmp_path, "12350")],
        "grades": ["Gold"],
        "period": {"from": "2011-09-01", "to": "2011-09-30"},
        "writer": "template",
        "milliseconds": 42,
    }
    written = (tmp_path / "logs" / "questions.jsonl").read_text("utf-8")
    assert [word for word in ("1234-5678", "등급", "골드") if word in written] == []


def test_log_and_key_are_the_owners_alone(tmp_path: Path) -> None:
    QuestionLog(tmp_path).note(answer("12347"), "marketer", 0.1)

    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {"questions.jsonl": 0o600, "pseudonyms.key": 0o600}


def test_a_pseudonym_stays_and_belongs_to_one_home(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    assert pseudonym(here, "12347") == pseudonym(here, "12347")
    assert len({pseudonym(here, "12347"), pseudonym(here, "123470"), pseudonym(there, "12347")}) == 3


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [(b"k" * 32, 0o640, "can be read by others"), (b"", 0o600, "has 0 bytes, expected 32")],
)
def test_with_a_key_that_is_none_nothing_is_written(tmp_path: Path, content: bytes, mode: int, words: str) -> None:
    key = tmp_path / "pseudonyms.key"
    key.write_bytes(content)
    key.chmod(mode)
    with capture_logs() as told:
        QuestionLog(tmp_path).note(answer("12347"), "marketer", 0.1)
    assert lines(tmp_path) == []
    assert [words in entry["reason"] for entry in told] == [True]


def test_full_files_are_kept_for_a_while(tmp_path: Path) -> None:
    log = QuestionLog(tmp_path, largest_bytes=1)
    for number in range(KEPT_FILES + 3):
        log.note(answer(), "marketer", number / 1000)

    assert [file.name for file in question_log.files(tmp_path / "logs")] == [
        "questions.jsonl",
        "questions.jsonl.1",
        "questions.jsonl.2",
        "questions.jsonl.3",
        "questions.jsonl.4",
    ]
    assert [line["milliseconds"] for line in lines(tmp_path)] == [6, 5, 4, 3, 2]


def test_a_customer_is_forgotten_and_the_others_stay(tmp_path: Path) -> None:
    log = QuestionLog(tmp_path, largest_bytes=1)
    for number, customers in enumerate([("12347",), ("123470",), ("12347", "12350"), ()]):
        log.note(answer(*customers), "marketer", number / 1000)
    assert (mentions(tmp_path, "12347"), mentions(tmp_path, "1234")) == (2, 0)

    assert forget(tmp_path, "12347") == 2
    assert forget(tmp_path, "12347") == 0
    assert [line["milliseconds"] for line in lines(tmp_path)] == [3, 1]
    assert {file.stat().st_mode & 0o777 for file in question_log.files(tmp_path / "logs")} == {0o600}


def test_writers_and_a_forgetting_do_not_lose_a_line(tmp_path: Path) -> None:
    def write() -> None:
        for _ in range(20):
            QuestionLog(tmp_path).note(answer("12347"), "marketer", 0.001)
            QuestionLog(tmp_path).note(answer("12350"), "marketer", 0.001)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    removed = sum(forget(tmp_path, "12347") for _ in range(5))
    for writer in writers:
        writer.join()
    removed += forget(tmp_path, "12347")

    assert removed == 80
    assert [line["pseudonyms"] for line in lines(tmp_path)] == [[pseudonym(tmp_path, "12350")]] * 80


def test_an_answer_does_not_fail_for_its_log(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    with capture_logs() as told:
        QuestionLog(tmp_path).note(answer("12347"), "marketer", 0.1)
    assert [(entry["event"], entry["log_level"]) for entry in told] == [("question not logged", "warning")]


def test_a_line_costs_an_answer_next_to_nothing(tmp_path: Path) -> None:
    QuestionLog(tmp_path).note(answer("12347"), "marketer", 0.1)

    def written() -> float:
        began = perf_counter()
        QuestionLog(tmp_path).note(answer("12347"), "marketer", 0.1)
        return perf_counter() - began

    assert min(written() for _ in range(50)) < 0.001
