"""What a person orders in the shop goes through the real stream, and comes back as the own R, F and M."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from shop_fixture import NOTHING_WRONG

from dangol.edges.shop import open_shop, shop_app

pytestmark = pytest.mark.spark

NOW = "2011-12-10T09:00:00"
HEART, STAND = "85123A", "22423"


def post(client: FlaskClient, path: str, **form: str) -> Any:
    answer = client.post(f"/en/{path}?customer=ann", data=form, headers={"Origin": "http://localhost"})
    assert answer.status_code == 200, answer.json
    return answer.json["fragments"]


def order(client: FlaskClient, sku: str, pieces: str, **form: str) -> str:
    post(client, "basket", sku=sku, pieces=pieces)
    (order_id, *_) = re.findall(r"/orders/(S\w+)/", post(client, "orders", **form)["orders"])
    return order_id


def seen(client: FlaskClient) -> tuple[bool, list[str]]:
    """Whether the last message was seen, and R, F and M as the panel shows them."""
    panel = client.get("/en/panel?customer=ann").json["fragments"]["panel"]
    return "after it was sent" in panel, re.findall(r"<dd><strong>(.*?)</strong>", panel)


def test_orders_of_the_shop_come_back_through_the_stream(shop) -> None:
    store = shop(rfm__window_days=365)
    with_page = open_shop(store.settings(NOW), None, None)
    client = shop_app(with_page).test_client()
    late = order(client, HEART, "2", date="2011-11-30")
    today = order(client, STAND, "1")
    assert seen(client) == (False, [])
    store.run(NOW)
    assert seen(client) == (True, ["0 days", "2 purchases", "£18.65"])

    post(client, f"orders/{late}/returned", sku=HEART)
    post(client, f"orders/{late}/again")
    post(client, f"orders/{today}/corrected", **{STAND: "2"})
    assert seen(client) == (False, ["0 days", "2 purchases", "£18.65"])
    store.run(NOW)
    assert seen(client) == (True, ["0 days", "2 purchases", "£28.45"])

    post(client, f"orders/{today}/cancelled")
    store.run(NOW)
    assert seen(client) == (True, ["10 days", "1 purchase", "£2.95"])
    assert store.verify() == NOTHING_WRONG | {"received": 7, "accepted": 7, "rejected": 0, "customers": 1}
