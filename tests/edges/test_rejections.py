"""Rejected messages: seen, replaced once by themselves or by a correction, and linked to what replaced them."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from shop_fixture import Shop

from dangol.edges.rejections import json_line, open_rejections, printable, summary
from dangol.edges.repairs import replay_rejected
from dangol.edges.store import TableStore
from dangol.errors import SourceError, StoreError
from dangol.orders.simulation import encode

NOW = "2011-01-01T00:00:00"
DEAR, CURRENCY = "amount is above ingest.max_amount = 100", "currency is not shop.currency = GBP"


def order(event_id: str, amount: str = "10.00", currency: str = "GBP", day: str = "2010-12-01") -> bytes:
    event = {"event_id": event_id, "type": "placed", "order_id": event_id, "customer_id": "1", "amount": amount}
    return encode(event | {"event_time": f"{day}T12:00:00Z", "currency": currency})


def replay(shop: Shop, now: str = NOW, data: Path | None = None) -> dict[str, int]:
    settings = shop.settings(now)
    return replay_rejected(TableStore(shop.spark, settings.store.path), settings, data)


def corrections(shop: Shop, *lines: object) -> Path:
    path = shop.folder / "corrections.jsonl"
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


@pytest.mark.spark
def test_a_rejected_message_is_replaced_once_and_linked(shop) -> None:
    shop = shop(ingest__max_amount=100)
    store = shop.folder / "store"
    early, dear, won, torn = (
        order("early", day="2011-01-03"),
        order("dear", "500.00"),
        order("won", "20.00", "KRW"),
        b"\xff\x1b[2J",
    )
    shop.receive([order("good"), early, dear, dear, won, torn])
    shop.run(NOW)

    found = summary(store, "")
    assert found["open"] == 4  # alike lines of a file are one message
    assert found["by_reason"][DEAR] == found["by_reason"][CURRENCY] == 1
    ids = {row["value"]: row["message_id"] for row in open_rejections(store)}
    assert found["newest"][ids[torn]]["value"] == r"\xff\x1b[2J"
    (row,) = open_rejections(store, "currency is not")
    line = json.loads(json_line(row))
    assert (line["message_id"], line["value"], line["rejections"]) == (ids[won], won.decode(), [CURRENCY])
    assert "value_base64" in json.loads(json_line(next(open_rejections(store, "UTF-8"))))

    # nothing passes under the rules as they were; a file with anything wrong in it writes nothing
    assert replay(shop) == {"open": 4, "repaired": 0}
    good = {"message_id": ids[won], "value": order("won", "20.00").decode()}
    wrong = [good, good, {"message_id": "nobody", "value": "{}"}, "[]\n"]
    with pytest.raises(SourceError) as refused:
        replay(shop, data=corrections(shop, *wrong))
    assert str(refused.value).splitlines()[1:] == [
        f"line 2: message {ids[won]} is in line 1 already",
        "line 3: there is no rejected message nobody",
        'line 4: expected {"message_id": "...", "value": "the corrected message as text"}',
    ]
    with pytest.raises(SourceError, match=r"line 1: currency is not shop\.currency"):
        replay(shop, data=corrections(shop, good | {"value": won.decode()}))
    assert len(shop.table("inlet")) == 0

    # a corrected message, then the others under new rules: two commands before the stream has read the first
    assert replay(shop, data=corrections(shop, good)) == {"open": 4, "repaired": 1}
    with pytest.raises(SourceError, match=r"line 1: .* has a replacement already"):
        replay(shop, data=corrections(shop, good))
    shop.given["ingest.max_amount"] = 1000
    later = "2011-01-05T00:00:00"
    assert replay(shop, later) == {"open": 3, "repaired": 2}
    assert replay(shop, later) == {"open": 1, "repaired": 0}
    shop.run(later)
    assert replay(shop, later) == {"open": 1, "repaired": 0}

    events = shop.table("events")
    repairs = events[events["repairs"].notna()]
    assert dict(zip(repairs["repairs"], repairs["event_id"], strict=True)) == {
        ids[won]: "won",
        ids[dear]: "dear",
        ids[early]: "early",
    }
    assert (repairs["rejections"].str.len() == 0).all()
    (customer,) = shop.customers().to_dict("records")
    assert (customer["frequency"], customer["monetary"]) == (4, Decimal("540.0000"))
    result = shop.verify()
    assert (result["received"], result["accepted"], result["mismatches"], result["repeated"]) == (9, 4, 0, 0)


def test_a_message_is_harmless_to_a_terminal() -> None:
    assert printable("가\x1b[2J\u202e\n".encode()) == r"가\x1b[2J\u202e\n"
    assert printable(b"x" * 300) == "x" * 200 + "… (300 bytes)"


def test_a_store_without_tables_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="run dangol stream"):
        summary(tmp_path, "")
