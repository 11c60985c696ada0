"""How long an answer takes, and how much memory it needs, with many customers: without a model, from a warm store."""

import json
import random
import resource
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import typer
from deltalake import write_deltalake
from machine import probe_ms
from past import new_folder

from dangol.answers.product_words import words_of
from dangol.edges.asking import Asker, asker
from dangol.edges.positions import made
from dangol.edges.terminal import step
from dangol.settings import Settings, load_settings
from dangol.tables import CHANGES, CUSTOMER_DAYS, CUSTOMER_HISTORY, CUSTOMERS, SUMMARIES

NOW = datetime(2011, 12, 10, tzinfo=UTC)
NAMES = ["Bronze", "Silver", "Gold", "VIP"]
DAYS_EACH = 4
PRODUCTS = ("christmas decoration", "red mug", "candle holder", "lunch box", "paper lantern", "garden bird", "tea cup")
QUESTIONS = (
    *("고객 {id} 요약해줘", "What grade is customer {id}?", "고객 {id}와 {other} 비교", "{id}와 비슷한 고객"),
    *("VIP 고객들의 특징은?", "Compare Gold and Silver", "compare October and November sales", "경계에 있는 골드 고객"),
    *("VIP 몇 명?", "How many orders in November?", "휴면 고객 수", "골드 매출 합계", "sales in November 2011"),
    *(
        "Average spending of Gold customers",
        "실버 평균 구매 횟수",
        "VIP 매출 비중",
        "상위 10명",
        "top 5 customers last month",
    ),
    *("월별 매출 추이", "지난주 VIP에서 떨어진 고객 수와 이유", "골드 전략", "VIP에게 보낼 메시지 써줘", "도움말"),
    *("크리스마스 장식을 사는 VIP", "Who buys candles?"),
)


def main(
    customers: Annotated[int, typer.Option(help="How many there are.")] = 100_000,
    rounds: Annotated[int, typer.Option(help="So often each question is asked, warm.")] = 10,
    folder: Annotated[Path | None, typer.Option(help="Keeps all here; by default a temporary folder.")] = None,
) -> None:
    """A made-up store, then every kind of question; prints milliseconds by question, CPU, memory and the start."""
    home = new_folder(folder, "dangol-answering-")
    settings = load_settings(
        overrides={
            "store.path": home / "store",
            "shop.timezone": "Europe/London",
            "shop.currency": "GBP",
            "clock.now": NOW.isoformat(),
        }
    )
    with step(f"{customers:,} customers"):
        make_store(settings, customers)
    start = time.monotonic()
    ask = asker(settings)
    first = ask("VIP 몇 명?")
    started = time.monotonic() - start
    ids = [f"c{number:07d}" for number in random.Random(0).sample(range(customers), 200)]  # noqa: S311
    told = timed(ask, ids, rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {"customers": customers, "first_answer_seconds": round(started, 2), "status": first.status}
            | told
            | {"rss_peak_mib": round(peak), "rss_mib": round(resident()), "start": started_cold(settings)},
            ensure_ascii=False,
            indent=2,
        )
    )


def timed(ask: Asker, ids: list[str], rounds: int) -> dict[str, Any]:
    """Milliseconds of warm answers: p50 and p95 of all, p95 by question, and of processor time."""
    wall, cpu = defaultdict[str, list[float]](list), list[float]()
    probes = []
    for number in range(rounds + 1):
        for place, question in enumerate(QUESTIONS):
            one = question.format(
                id=ids[(number * 7 + place) % len(ids)], other=ids[(number * 7 + place + 1) % len(ids)]
            )
            began, used = time.perf_counter(), time.process_time()
            answer = ask(one)
            if answer.status not in ("answered", "not_enough_data"):
                raise AssertionError(f"{one}: {answer.intent} {answer.status} {answer.text}")
            if number:  # the first round warms
                wall[question].append(1000 * (time.perf_counter() - began))
                cpu.append(1000 * (time.process_time() - used))
        probes.append(probe_ms())
    everything = [value for values in wall.values() for value in values]
    return {
        "answers": len(everything),
        "ms": quantiles(everything),
        "cpu_ms": quantiles(cpu),
        "ms_p95_by_question": {name: round(float(np.quantile(values, 0.95)), 1) for name, values in wall.items()},
        "median_probe_ms": round(float(np.median(probes)), 2),
    }


def quantiles(values: list[float]) -> dict[str, float]:
    return {name: round(float(np.quantile(values, q)), 1) for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def started_cold(settings: Settings) -> dict[str, float]:
    """Seconds until a new process has given its first answer."""
    command = [sys.executable, "-m", "dangol.cli", "ask", "VIP 몇 명?", "--store", str(settings.store.path), "--json"]
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return {"ask_command_seconds": round(time.monotonic() - began, 2)}


def make_store(settings: Settings, count: int) -> None:
    """customer_history, customers, customer_days, changes and summaries of so many customers, written without a JVM."""
    chance = np.random.default_rng(0)
    ids = pa.array([f"c{number:07d}" for number in range(count)])
    rank = chance.choice(4, count, p=[0.35, 0.23, 0.35, 0.07])
    frequency = np.where(rank == 0, 1, 2 + chance.poisson(rank * 3))
    recency = chance.integers(0, 300, count)
    cents = (frequency * chance.lognormal(5, 0.6, count) * 100).astype("int64") * 100
    posterior = chance.dirichlet([1, 1, 1], count)
    values: dict[str, Any] = {
        "customer_id": ids,
        "recency_days": recency,
        "frequency": frequency,
        "monetary": money(cents),
        "monetary_gross": money(cents + 10_000),
        "last_purchase_date": [date(2011, 12, 9) - timedelta(int(days)) for days in recency],
        "mean_gap_days": chance.uniform(5, 90, count),
        "grade": np.array(NAMES)[rank].tolist(),
        "grade_rank": rank,
        "posterior": [None if one == 0 else row for one, row in zip(rank, posterior.tolist(), strict=True)],
        "p_max": pa.array(posterior.max(axis=1), mask=rank == 0),
        "margin": pa.array(posterior.max(axis=1) / 2, mask=rank == 0),
        "p_up": pa.array(posterior[:, 2], mask=rank == 0),
        "p_down": pa.array(posterior[:, 0], mask=rank == 0),
        "state": np.array(["new", "active", "cooling", "dormant"])[chance.choice(4, count)].tolist(),
        "model_version": ["1"] * count,
        "as_of": [NOW] * count,
        "cause": ["tick"] * count,
        "enqueued_time": [NOW] * count,
        "generation": [1] * count,
        "batch_id": [1] * count,
    }
    write(settings, CUSTOMER_HISTORY, values)
    write(settings, CUSTOMERS, values)
    write_days(settings, ids, cents, chance)
    moved = count // 10
    write(
        settings,
        CHANGES,
        {
            "change_id": [f"m{number}" for number in range(moved)],
            "customer_id": ids[:moved],
            "old_grade": np.array(NAMES)[chance.choice(4, moved)].tolist(),
            "new_grade": np.array(NAMES)[chance.choice(4, moved)].tolist(),
            "direction": np.array(["up", "down"])[chance.choice(2, moved)].tolist(),
            "cause": np.array(["order", "ageing"])[chance.choice(2, moved)].tolist(),
            "new_monetary": money(cents[:moved]),
            "as_of": [NOW - timedelta(int(days)) for days in chance.integers(0, 60, moved)],
            "generation": [1] * moved,
            "batch_id": [1] * moved,
        },
    )
    words = chance.choice(len(PRODUCTS), (count, 3))
    write(
        settings,
        SUMMARIES,
        {
            "key": [f"customer/{one}" for one in ids.to_pylist()],
            "kind": ["customer"] * count,
            "customer_id": ids,
            "grade": values["grade"],
            "text_ko": ["요약"] * count,
            "text_en": ["summary"] * count,
            "top_products": [[PRODUCTS[place].upper() for place in row] for row in words],
            "words": [words_of(PRODUCTS[place] for place in row) for row in words],
            "content_hash": ids,
            "as_of": [NOW] * count,
            "generation": [1] * count,
            "batch_id": [1] * count,
        },
    )


def write_days(settings: Settings, ids: pa.Array, cents: np.ndarray, chance: np.random.Generator) -> None:
    count = len(ids) * DAYS_EACH
    each = np.repeat(cents // DAYS_EACH, DAYS_EACH)
    write(
        settings,
        CUSTOMER_DAYS,
        {
            "customer_id": ids.take(pa.array(np.repeat(np.arange(len(ids)), DAYS_EACH))),
            "day": pa.array(np.datetime64("2010-12-11") + chance.integers(0, 363, count)),
            "orders": np.ones(count, "int64"),
            "gross": money(each),
            "returned": money(np.where(chance.random(count) < 0.1, each // 3, 0)),
            "generation": [1] * count,
            "batch_id": [1] * count,
        },
    )


def money(units: np.ndarray) -> pa.Array:
    """1/10000 of the currency as decimals."""
    return pa.array(units / 10_000).cast(pa.decimal128(18, 4))


def write(settings: Settings, table: Any, values: dict[str, Any]) -> None:
    """One commit of the columns that are given; the others are null."""
    plain = replace(table, columns=tuple(column for column in table.columns if "struct" not in column.type))
    target = made(settings.store.path, plain)
    schema = pa.schema(target.schema().to_arrow())
    count = len(next(iter(values.values())))
    columns = [
        pa.nulls(count, field.type) if values.get(field.name) is None else pa.array(values[field.name]).cast(field.type)
        for field in schema
    ]
    write_deltalake(target, pa.Table.from_arrays(columns, schema=schema), mode="append")


if __name__ == "__main__":
    typer.run(main)
