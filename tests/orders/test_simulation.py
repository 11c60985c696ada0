import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dangol.errors import SettingsError, SourceError
from dangol.orders.habits import fit_habits, live_orders
from dangol.orders.simulation import (
    MALFORMED,
    Message,
    decode,
    encode,
    instant,
    placed_orders,
    shift_to,
    to_messages,
    with_duplicates,
    with_late,
    with_malformed,
    with_returns,
)

LONDON = ZoneInfo("Europe/London")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def order(number: int, *, at="2011-12-09T12:00:00Z", customer: str | None = "ann", **fields):
    items = [
        {"sku": "MUG", "name": "머그컵", "quantity": 2, "unit_price": "2.55"},
        {"sku": "PADS", "name": None, "quantity": 1, "unit_price": "0.001"},
    ]
    return {
        "event_id": f"e{number}",
        "type": "placed",
        "order_id": f"o{number}",
        **({"customer_id": customer} if customer else {}),
        "event_time": at,
        "amount": "5.101",
        "currency": "GBP",
        "version": 0,
        "items": items,
    } | fields


def day_of_orders(count: int):
    return [order(n, at=f"2011-12-08T{n // 60:02d}:{n % 60:02d}:00Z", customer=f"c{n % 7}") for n in range(count)]


def times(events) -> list[str]:
    return [event["event_time"] for event in events]


def test_a_message_is_the_event_and_the_customer_is_its_key():
    messages = to_messages([order(1), order(2, customer=None), order(3, customer=7)])
    assert [message.key for message in messages] == ["ann", None, None]
    assert messages[0].value.startswith(b'{"event_id":"e1","type":"placed","order_id":"o1","customer_id":"ann",')
    assert "머그컵".encode() in messages[0].value
    assert messages[0].due == datetime(2011, 12, 9, 12, tzinfo=UTC)


def test_a_message_is_never_due_before_the_one_ahead_of_it():
    messages = to_messages([b"junk", order(1, at="2011-12-09T12:00:00Z"), b"junk", order(2, at="2011-12-09T11:00:00Z")])
    assert {message.due for message in messages} == {datetime(2011, 12, 9, 12, tzinfo=UTC)}
    assert [message.value == b"junk" for message in messages] == [True, False, True, False]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b'{"order_id":"o1"}',
        b'{"event_time":"2011-12-09T12:00:00"}',
        b'{"event_time":"2011-12-09T12:00:00Z","amount":"1","amount":"2"}',
        b'{"event_time":"2011-12-09T12:00:00Z","amount":0.10000000000000000001}',
        b'{"event_time":"2011-12-09T12:00:00Z","order_id":"\\ud800"}',
        b'{"event_time":"2011-12-09T12:00:00Z","order_id":"\xe9"}',
        b'{"event_time":"2011-12-09T12:00:00Z"} and more',
        b"[" * 100_000,
    ],
)
def test_a_line_that_could_change_its_meaning_stays_as_it_is(line):
    assert decode(line) == line


@given(st.binary(max_size=60))
def test_no_line_stops_the_replay(line):
    assert decode(line) == line
    assert [message.value for message in to_messages([line])] == [line]


def test_a_line_with_an_event_is_that_event():
    assert decode(encode(order(1))) == order(1)
    assert decode(b'{"event_time": "2011-12-09T12:00:00+09:00", "amount": 12.50}') == {
        "event_time": "2011-12-09T12:00:00+09:00",
        "amount": 12.5,
    }


@pytest.mark.parametrize(
    ("last_day", "shifted"),
    [
        (date(2026, 2, 13), "2026-02-13T12:00:00Z"),
        (date(2026, 2, 14), "2026-02-13T12:00:00Z"),
        (date(2026, 2, 19), "2026-02-13T12:00:00Z"),
        (date(2011, 12, 8), "2011-12-02T12:00:00Z"),
        (date(2026, 7, 3), "2026-07-03T11:00:00Z"),
    ],
)
def test_the_last_day_moves_by_whole_weeks_and_keeps_the_shops_clock(last_day, shifted):
    assert times(shift_to([order(1)], last_day, LONDON)) == [shifted]


def test_the_last_day_is_the_shops():
    late_evening = order(1, at="2011-12-08T15:30:00Z")
    assert times(shift_to([late_evening], date(2026, 2, 13), ZoneInfo("Asia/Seoul"))) == ["2026-02-12T15:30:00Z"]


def test_lines_that_are_no_events_do_not_move():
    assert shift_to([b"junk"], date(2026, 2, 13), LONDON) == [b"junk"]
    assert shift_to([b"junk", order(1)], date(2011, 12, 16), LONDON)[0] == b"junk"


@given(
    st.lists(st.integers(0, 2 * 366 * 86_400), min_size=1, max_size=5),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
)
def test_a_shift_keeps_weekdays_and_ends_within_a_week_of_the_day(seconds, last_day):
    zone = ZoneInfo("Asia/Seoul")
    before = [datetime(2010, 1, 1, tzinfo=UTC) + timedelta(seconds=number) for number in seconds]
    shifted = shift_to([order(n, at=time.isoformat()) for n, time in enumerate(before)], last_day, zone)
    after = [instant(time) for time in times(shifted)]
    assert [time.astimezone(zone).weekday() for time in after] == [time.astimezone(zone).weekday() for time in before]
    assert 0 <= (last_day - max(after).astimezone(zone).date()).days < 7


def test_a_return_names_its_order_and_comes_later():
    placed = day_of_orders(40)
    events = with_returns(placed, 0.25, seed=1)
    returned = [event for event in events if event["type"] == "returned"]
    assert len(returned) == 10
    assert [event for event in events if event["type"] == "placed"] == placed
    by_id = {event["order_id"]: event for event in placed}
    for event in returned:
        origin = by_id[event["order_id"]]
        assert event["customer_id"] == origin["customer_id"]
        assert event["event_id"] == f"{origin['event_id']}-return"
        assert event["event_time"] > origin["event_time"]
        assert event["amount"] in ("5.10", "0.001")
    assert times(events) == sorted(times(events))
    assert max(times(events)) <= "2011-12-08T00:39:01Z"


@pytest.mark.parametrize(
    "items",
    [[], [{"sku": "A"}], ["A"], [{"quantity": 100, "unit_price": "9.99"}], [{"quantity": 1, "unit_price": "NaN"}]],
)
def test_without_sound_items_all_is_given_back(items):
    _, returned = with_returns([order(1, items=items)], 1, seed=1)
    assert (returned["amount"], returned["items"]) == ("5.101", items)


def test_orders_of_odd_shape_are_no_models():
    odd = [b"junk", order(1, amount="twelve"), order(2, amount=[]), order(3, items=None), order(4, customer=["x"])]
    odd += [order(5, currency=None), order(6, type="returned"), order(7, amount="Infinity"), order(8, amount="-1")]
    assert placed_orders([*odd, order(9)]) == [order(9)]


def test_duplicates_repeat_earlier_messages_byte_for_byte():
    messages = to_messages(day_of_orders(50))
    repeated = with_duplicates(messages, 0.1, seed=1)
    counts = Counter(message.value for message in repeated)
    assert len(repeated) == 55
    assert set(counts) == {message.value for message in messages}
    assert sorted(counts.values()) == [1] * 45 + [2] * 5
    firsts = list(dict.fromkeys(message.value for message in repeated))
    assert firsts == [message.value for message in messages]


def test_late_messages_stay_the_same_and_fall_behind_others():
    messages = to_messages(day_of_orders(50))
    delivered = with_late(messages, 0.2, seed=1)
    late = [message for message in delivered if message not in messages]
    assert len(late) == 10
    assert sorted(message.value for message in delivered) == sorted(message.value for message in messages)
    assert [message.value for message in delivered] != [message.value for message in messages]
    assert all(message.due > instant(json.loads(message.value)["event_time"]) for message in late)
    assert delivered == sorted(delivered, key=lambda message: message.due)


def test_malformed_messages_come_beside_the_good_ones():
    messages = to_messages(day_of_orders(26))
    spoilt = with_malformed(messages, 1, seed=1)
    bad = Counter(message.value for message in spoilt) - Counter(message.value for message in messages)
    assert len(spoilt) == 52
    assert sum(bad.values()) == 26
    assert Counter(message.value for message in messages) - Counter(message.value for message in spoilt) == Counter()
    assert (bad[b""], bad[b"null"]) == (2, 2)


def test_each_malformed_message_is_what_its_name_says_and_one_line():
    bad = {kind: spoil(order(1)) for kind, spoil in MALFORMED.items()}
    assert all(b"\n" not in value and b"\r" not in value for value in bad.values())
    for kind in ("not JSON", "empty"):
        with pytest.raises(ValueError, match="Expecting value"):
            json.loads(bad[kind])
    assert bad["null"] == b"null"
    assert bad["trailing text"] == encode(order(1)) + b" and more"
    keys = json.loads(bad["duplicate key"], object_pairs_hook=lambda pairs: [key for key, _ in pairs])
    assert keys.count("amount") == 2
    assert json.loads(bad["unknown currency"])["currency"] == "XXX"
    assert json.loads(bad["bad amount"])["amount"] == "twelve"
    assert Decimal(json.loads(bad["absurd amount"])["amount"]) > 10**9
    assert "order_id" not in json.loads(bad["missing order id"])
    assert json.loads(bad["unknown type"])["type"] == "shipped"
    assert json.loads(bad["future date"])["event_time"] == "2099-01-01T00:00:00Z"
    assert 2_000_000 < len(bad["too large"]) < 2_001_000
    with pytest.raises(UnicodeDecodeError):
        bad["not UTF-8"].decode()
    assert len(bad) == 13


def with_everything(seed: int) -> list[Message]:
    messages = to_messages(with_returns(day_of_orders(30), 0.1, seed))
    return with_duplicates(with_late(with_malformed(messages, 0.1, seed), 0.1, seed), 0.1, seed)


def test_the_same_seed_gives_the_same_bytes():
    assert with_everything(1) == with_everything(1)
    assert with_everything(1) != with_everything(2)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_outside_its_range_is_said(share):
    with pytest.raises(SettingsError, match=r"the share of late is .*; expected a number from 0 to 1"):
        with_late([], share, seed=1)


@pytest.fixture(scope="module")
def live() -> list[Message]:
    regular = [order(n, at=f"2011-{n:02d}-09T12:00:00Z", customer="regular") for n in range(1, 13)]
    gone = [order(20, at="2010-12-01T12:00:00Z", customer="gone", amount="100.00")]
    return list(islice(live_orders(fit_habits([*regular, *gone, b"junk"]), rate=2, seed=1, start=START), 3000))


def test_live_orders_arrive_at_the_rate_and_happen_when_they_are_due(live):
    assert live[0].due == START
    assert all(instant(json.loads(message.value)["event_time"]) == message.due for message in live)
    assert timedelta(seconds=1350) < live[-1].due - START < timedelta(seconds=1650)
    assert live == sorted(live, key=lambda message: message.due)


def test_live_customers_are_those_who_would_buy(live):
    buyers = Counter(message.key for message in live)
    newcomers = {key for key in buyers if key not in ("regular", "gone", None)}
    assert buyers["regular"] > 10 * buyers["gone"]
    assert 30 < len(newcomers) < 90
    assert all(key.isdigit() for key in newcomers)
    assert 100 < buyers[None] < 200
    assert all(message.key == json.loads(message.value).get("customer_id") for message in live)


def test_live_returns_name_an_earlier_live_order_of_the_customer_once(live):
    events = [json.loads(message.value) for message in live]
    placed = {event["order_id"]: event for event in events if event["type"] == "placed"}
    returned = [event for event in events if event["type"] == "returned"]
    assert 50 < len(returned) < 130
    for event in returned:
        origin = placed[event["order_id"]]
        assert event["customer_id"] == origin["customer_id"]
        assert event["event_time"] > origin["event_time"]
        assert Decimal(event["amount"]) <= Decimal(origin["amount"])
    assert len({event["order_id"] for event in returned}) == len(returned)
    assert len({event["event_id"] for event in events}) == len(events)


def test_another_run_makes_other_ids(live):
    habits = fit_habits([order(1)])
    again = islice(live_orders(habits, rate=2, seed=1, start=START + timedelta(milliseconds=1)), 3000)
    assert {event_id(message) for message in again}.isdisjoint(event_id(message) for message in live)


def event_id(message: Message) -> str:
    return json.loads(message.value)["event_id"]


def test_habits_need_an_order_and_a_rate():
    with pytest.raises(SourceError, match="no customer placed an order"):
        fit_habits([order(1, customer=None), b"junk"])
    with pytest.raises(SettingsError, match="the rate is 0 orders a second"):
        next(live_orders(fit_habits([order(1)]), rate=0, seed=1, start=START))
