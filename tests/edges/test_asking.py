import json
from pathlib import Path

import pytest

from dangol.cli import main
from dangol.edges.asking import asked, asker
from dangol.errors import SettingsError
from dangol.settings import load_settings


@pytest.fixture
def ask(customer_store):
    customer_store.append(customer_store.row("12347"), customer_store.row("12348", grade="VIP", grade_rank=3))
    overrides = {"store.path": customer_store.path, "shop.currency": "GBP", "clock.now": "2011-12-10T09:00:00"}
    return asker(load_settings(overrides=overrides))


def batch(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_each_line_is_answered_in_its_order_from_a_store_opened_once(ask, tmp_path: Path) -> None:
    file = batch(
        tmp_path,
        '\ufeff{"id": "a", "question": "고객 12347 등급"}',
        "",
        '{"id": 2, "question": "grade of customer 99999"}',
        '{"question": "grade of customer 12348", "other": [1]}',
    )
    told = list(asked(ask, file, "admin"))
    assert [(one["id"], one["language"], one["status"]) for one in told] == [
        ("a", "ko", "answered"),
        (2, "en", "not_found"),
        (None, "en", "answered"),
    ]
    assert told[0]["scope"] == {"customer_ids": ["12347"], "grades": [], "period": {"from": None, "to": None}}
    grades = [fact["value"] for one in told for fact in one["facts"] if fact["name"] == "grade"]
    assert grades == ["Gold", "VIP"]


def test_earlier_questions_of_a_conversation_are_known_and_not_answered(ask, tmp_path: Path) -> None:
    line = {"id": "1", "question": "그 고객 요약해 줘", "before": ["고객 12347 등급"]}
    (told,) = asked(ask, batch(tmp_path, json.dumps(line)), "admin")
    assert told["scope"]["customer_ids"] == ["12347"]
    logged = (ask.log.home / "logs" / "questions.jsonl").read_text("utf-8").splitlines()
    assert len(logged) == 1


def test_a_batch_is_answered_with_the_rights_of_a_role(ask, tmp_path: Path) -> None:
    file = batch(tmp_path, '{"id": "1", "question": "고객 12347 등급"}')
    assert [one["status"] for one in asked(ask, file, "viewer")] == ["refused"]


@pytest.mark.parametrize(
    "line",
    [
        "no JSON",
        '"고객 12347 등급"',
        "[1]",
        "null",
        '{"id": "1"}',
        '{"id": "1", "question": null}',
        '{"id": "1", "question": ["고객"]}',
        '{"id": "1", "question": "고객", "before": "고객 12347"}',
        '{"id": "1", "question": "고객", "before": [1]}',
        '{"id": "1", "question": "고객", "before": 1}',
    ],
)
def test_a_line_that_is_no_question_is_named(ask, tmp_path: Path, line: str) -> None:
    file = batch(tmp_path, '{"id": "0", "question": "help"}', "", line)
    answers = asked(ask, file, "admin")
    assert next(answers)["intent"] == "help"
    with pytest.raises(SettingsError, match=r"line 3 of .*questions\.jsonl is no question"):
        next(answers)


@pytest.mark.parametrize("content", [None, b'{"question": "\xff"}'])
def test_a_file_that_cannot_be_read_is_said_so(ask, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "questions.jsonl"
    if content:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match="cannot be read"):
        list(asked(ask, file, "admin"))


def options(ask) -> list[str]:
    return ["--store", str(ask.answerer.lake.store), "--set", "clock.now=2011-12-10T09:00:00"]


def test_the_command_prints_one_answer_as_json(ask, capsys: pytest.CaptureFixture[str]) -> None:
    main(["ask", "고객 12347 등급", "--json", *options(ask)])
    told = json.loads(capsys.readouterr().out)
    expected = {
        "question",
        "language",
        "intent",
        "status",
        "confidence",
        "scope",
        "answer",
        "facts",
        "citations",
        "writer",
    }
    assert told.keys() == expected
    assert (told["intent"], told["status"]) == ("grade_lookup", "answered")


def test_the_command_answers_a_file_with_a_line_each(ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = batch(tmp_path, '{"id": "1", "question": "고객 12347 등급"}', '{"id": "2", "question": "help"}')
    main(["ask", "--batch", str(file), "--json", "--role", "viewer", *options(ask)])
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["id"], one["status"]) for one in told] == [("1", "refused"), ("2", "answered")]


def test_a_role_that_is_none_is_refused(ask, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["ask", "help", "--role", "owner", *options(ask)])
    assert ended.value.code == 2


def test_without_a_question_or_a_store_the_command_fails_with_a_sentence(
    ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["ask", *options(ask)])
    assert ended.value.code == 1
    assert "there is no question" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["ask", "고객 12347 등급", "--store", str(tmp_path / "none"), "--json"])
    assert ended.value.code == 1
    assert json.loads(capsys.readouterr().out)["status"] == "unavailable"
