"""Ten thousand messages that no sender would send, through broker and stream: none lost, none judged wrongly."""

import json
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from faults.oracle import accepted, told
from faults.shopfloor import WINDOW_DAYS, ZONE, assert_customers
from faults.traffic import Topic
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from shop_fixture import Shop

from dangol.orders.simulation import Message

pytestmark = [pytest.mark.spark, pytest.mark.broker]

CLOCK = datetime(2011, 12, 10, tzinfo=UTC)
ORDER = {
    "event_id": "a1",
    "type": "placed",
    "order_id": "536365",
    "customer_id": "17850",
    "event_time": "2010-12-01T08:26:00Z",
    "amount": "139.12",
    "currency": "GBP",
    "version": 0,
    "items": [{"sku": "85123A", "name": "하얀 하트", "quantity": 6, "unit_price": "2.55"}],
}
GOOD = [
    ORDER,
    ORDER | {"type": "returned", "event_id": "r1", "amount": "5.10"},
    {**ORDER, "type": "cancelled", "version": 3, "amount": None},
    {name: value for name, value in ORDER.items() if name not in ("customer_id", "items", "version")},
]

SPACES = ["\u00a0", "\u3000", "\u2028", "\ufeff", "\u200b", "\n", "\t", "\r\n", " "]
CONTROLS = ["\x00", "\x1b", "\x7f", "\u0085", "\u009f"]
EDGES: dict[str, list[Any]] = {
    "type": ["placed", "returned", "cancelled", "Placed", "placed ", "shipped", "", None, 1],
    "event_time": [
        *("2010-12-01T08:26Z", "2010-12-01T08:26:00.1Z", "2010-12-01T08:26:00.123456+09:00", "1970-01-01T00:00:00Z"),
        *("1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "2011-12-10T00:10:00Z", "2011-12-10T00:10:00.000001Z"),
        *("2010-12-01T08:26:00Z\n", "2010-12-01 08:26:00Z", "2010-12-01T08:26:00", "2010-12-01T08:26:00z"),
        *("2010-12-01T24:00:00Z", "2010-12-01T23:59:60Z", "2010-02-29T00:00:00Z", "2012-02-29T00:00:00Z"),
        *("2010-12-01T08:26:00+18:00", "2010-12-01T08:26:00+18:01", "2010-12-01T08:26:00+23:59"),
        *(
            "2010-12-01T08:26:00-00:00",
            "2010-12-01T08:26:00+09:60",
            "2010-12-01T08:26:00.1234567Z",
            "0000-01-01T00:00Z",
        ),
        *("2010-12-01T08:26:00+9:00", "２０１０-12-01T08:26:00Z", "2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        *(1291191960, None, "", [], {}),
    ],
    "amount": [
        *("0", "0.0000", "0.0001", "00012.50", "1000000000", "1000000000.0001", "12.34567", "12.", ".5", "+1", "-1"),
        *("1e2", "1_000", "1,000", " 1", "1\n", "١٢", "NaN", "Infinity", "", "99999999999999.9999", "999999999999999"),
        *(0, 1, 12.5, -0.0, -1, 10**9, 10**9 + 1, 10**20, 10**400, 12.34567, 1e22, 1e-7, None, True, [], {}),
    ],
    "version": [0, 1, 2**31 - 1, 2**31, 2**63, 10**30, -1, 1.0, 1.5, 1e0, "1", None, True, [], {}],
    "currency": ["GBP", "gbp", "GBP ", "KRW", "", None, 826],
    "items": [None, [], [None], [1, "x", {}], [[]], {}, "x", 0, [{"sku": 1, "quantity": 2**40, "unit_price": "x"}]],
}
RAW_AMOUNTS = [
    b"-0",
    b"0.00000",
    b"12.50000",
    b"12.500001",
    b"0e0",
    b"1E2",
    b"1e-2",
    b"00",
    b"1.",
    b".5",
    b"+1",
    b"9" * 39,
]
TOKENS = [
    *(
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xc0\x80",
        b"\xef\xbb\xbf",
        b"\\ud800",
        b"\\u0000",
        b"\\",
        b'"',
        b"{}",
        b"[]",
    ),
    *(b",", b":", b"//x\n", b"/**/", b"'", b"NaN", b"1e999", b"-", b"0", b"null", b"\n", b"\r", b" ", b"\t", b"\x0b"),
    *(
        b'"type":"placed",',
        b'"extra":',
        b"\xc2\x85",
        b"\xe3\x80\x80",
        b"\xf0\x9f\x9b\x92",
        b"}{",
        b"#",
        b"\\n",
        b"\\u00A0",
    ),
]

texts = st.text(max_size=12) | st.sampled_from(SPACES + CONTROLS)
odd_text = st.text(st.characters(), max_size=6) | st.sampled_from(
    ["\ud800", "a\udfffb", "x" * 128, "x" * 129, "가" * 128]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | odd_text | st.integers(10**30, 10**45)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(odd_text, inner, max_size=4))


@st.composite
def ids(draw: st.DrawFn) -> Any:
    """Mostly an id with something odd at one end or inside."""
    odd = draw(texts | st.sampled_from(SPACES + CONTROLS))
    return draw(st.sampled_from([odd, f"{odd}1", f"1{odd}", f"1{odd}2"]) | values)


@st.composite
def events(draw: st.DrawFn) -> bytes:
    """An event with some fields replaced, missing, repeated or added, in some encoding."""
    fields = dict(draw(st.sampled_from(GOOD)))
    for name in draw(st.lists(st.sampled_from([*ORDER, "extra"]), max_size=2, unique=True)):
        edges = st.sampled_from(EDGES[name]) if name in EDGES else ids() if name.endswith("_id") else values
        fields[name] = draw(st.one_of(edges, edges, edges, values))
    pairs = draw(st.permutations(list(fields.items())))
    if draw(st.integers(0, 9)) == 0:
        pairs = [*pairs, draw(st.sampled_from(pairs))]
    ascii_only = draw(st.booleans())
    body = ",".join(f"{text(name, ascii_only)}:{text(value, ascii_only)}" for name, value in pairs)
    space = draw(st.sampled_from(["", "", "", *SPACES]))
    encoding = draw(st.sampled_from(["utf-8"] * 12 + ["utf-16", "utf-8-sig", "euc-kr", "latin-1"]))
    return f"{space}{{{body}}}{space}".encode(encoding, "surrogatepass" if encoding == "utf-8" else "replace")


def text(value: Any, ascii_only: bool) -> str:
    return json.dumps(value, ensure_ascii=ascii_only)


json_texts = values.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def generated(count: int, strategy: st.SearchStrategy[bytes]) -> list[bytes]:
    """So many examples of a strategy, the same each time."""
    found: list[bytes] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: bytes) -> None:
        found.append(value)

    collect()
    return found


def mutated(value: bytes, rng: random.Random) -> bytes:
    """The bytes of a good message with one to three small changes."""
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        place, end = sorted((rng.randrange(len(value) + 1), rng.randrange(len(value) + 1)))
        part = value[place:end]
        flipped = bytes([value[place % len(value)] ^ 1 << rng.randrange(8)]) if value else b""
        value = rng.choice(
            [
                value[:place] + flipped + value[place + 1 :],
                value[:place],
                value[place:],
                value[:place] + value[end:],
                value[:place] + rng.choice(TOKENS) + value[place:],
                value[:place] + rng.choice(TOKENS) + value[place:],
                value[:end] + part + value[end:],
                value[:place] + rng.randbytes(rng.randint(1, 4)) + value[place:],
                value + rng.choice(TOKENS),
                rng.choice(TOKENS) + value,
            ]
        )
    return value


def swapped(event: dict[str, Any], rng: random.Random) -> bytes:
    """The event with the values of two fields exchanged."""
    one, other = rng.sample(list(event), 2)
    return json.dumps(event | {one: event[other], other: event[one]}).encode()


def extremes() -> list[bytes]:
    """What is large, deep or endless."""
    order = json.dumps(ORDER)[:-1].encode()
    depths = [100, 800, 1_100, 10_000, 400_000]  # the readers' own limits, about 1,000, differ by one or two
    return [
        *(order + b',"extra":' + b"[" * deep + b"]" * deep + b"}" for deep in depths),
        *(order + b',"extra":' + b'{"a":' * deep + b"1" + b"}" * deep + b"}" for deep in depths[:-1]),
        *(order + b',"extra":' + b"9" * digits + b"}" for digits in (38, 39, 308, 309, 999, 1000, 1001, 5_000)),
        *(order + b',"extra":0.' + b"9" * digits + b"}" for digits in (38, 39, 990)),
        *(order + b',"extra":' + number + b"}" for number in (b"1e308", b"1e309", b"1e-400", b"1e99999999999", b"-0")),
        *(order + b',"extra":"' + b"x" * (1_000_000 - len(order) - 12 + more) + b'"}' for more in (-1, 0, 1)),
        *(order + b',"' + b"k" * length + b'":1}' for length in (49_999, 50_000, 50_001, 60_000)),
        *(order.replace(b'"139.12"', amount) + b"}" for amount in RAW_AMOUNTS),
        order + b"".join(b',"k%d":%d' % (key, key) for key in range(50_000)) + b"}",
        order + b',"items":' + b"[" + b"{}," * 100_000 + b"{}]}",
        b"[" + b"1," * 400_000 + b"1]",
        b"\x00" * 1000,
        b'"' + b"\\u0000" * 1000 + b'"',
    ]


def strange_messages() -> list[bytes]:
    rng = random.Random(4)  # noqa: S311 - repeatable, not secret
    good = [json.dumps(event, ensure_ascii=False).encode() for event in GOOD]
    edges = [json.dumps({**event, name: value}).encode() for event in GOOD for name in EDGES for value in EDGES[name]]
    made = edges + extremes() + generated(1500, events()) + generated(300, json_texts)
    made += [swapped(rng.choice(GOOD), rng) for _ in range(200)]
    return made + [mutated(rng.choice(good), rng) for _ in range(10_000 - len(made))]


def test_each_is_kept_and_judged_as_the_rules_say(
    spark: SparkSession, topic: Callable[[], Topic], tmp_path: Path
) -> None:
    sent, own = strange_messages(), topic()
    own.send([Message(None, value, CLOCK) for value in sent])
    shop = Shop(
        spark,
        tmp_path,
        shop__timezone=ZONE.key,
        rfm__window_days=WINDOW_DAYS,
        source__kind="kafka",
        source__bootstrap_servers=own.broker.bootstrap_servers,
        source__topic=own.name,
        source__connection_string=own.broker.connection_string,
        ingest__max_messages_per_batch=5_000,
    )
    shop.run(CLOCK)
    events = shop.table("events")
    assert Counter(events["value"]) == Counter(sent)
    rejected = events["rejections"].str.len() > 0
    wrong = [
        (value, reasons.tolist())
        for value, reasons in zip(events["value"], events["rejections"], strict=True)
        if (accepted(value, CLOCK) is None) != (len(reasons) > 0)
    ]
    assert not wrong, [(value[:300], reasons) for value, reasons in wrong[:10]]
    assert 500 < (~rejected).sum() < 9_500  # both sides are tried
    assert_customers(shop.table("customers"), told(sent, CLOCK, ZONE), CLOCK)
    verified = shop.verify()
    assert (verified["received"], verified["rejected"], verified["mismatches"]) == (10_000, rejected.sum(), 0)
    assert verified["accepted"] + verified["rejected"] == verified["received"]
