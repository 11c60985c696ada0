"""A shop to try it with: a person orders and returns as a customer and watches the own R, F, M and grade change.

Its events reach the stream through the same producer as any other order; what it shows is read from the tables.
"""

import secrets
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from flask import Flask, Response, redirect, render_template, request, session, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response as AnyResponse

from dangol.answers.evidence import Evidence
from dangol.answers.intents import Language
from dangol.answers.queries import Query
from dangol.answers.summaries import Terms
from dangol.edges import simulate
from dangol.edges.demo import known_connection_string, orderly_stop
from dangol.edges.lake import Lake
from dangol.edges.producers import Producer
from dangol.edges.shop_texts import TEXTS
from dangol.edges.shop_view import View, Watch, catalogue
from dangol.edges.sign_in import preferred
from dangol.edges.web import ICON, LOOPBACK, listener
from dangol.errors import SettingsError, SourceError, StoreError
from dangol.orders import shopping
from dangol.orders.shopping import Order, Refusal
from dangol.settings import Settings

DESTINATIONS = ("broker", "files", "eventhubs")
BROKER_SECONDS = 10
REFRESH_SECONDS = 0.2
VISITORS_KEPT = 200
ORDERS_KEPT = 50
LONGEST_REQUEST = 16_384
EARLIEST = date(1970, 1, 2)
"""The first day whose noon is after 1970-01-01T00:00Z in every zone: no order may be older."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

OWN_ROW = Query(
    "own_row",
    ("customers_live",),
    """
    select *, element_at(posterior, nullif(grade_rank, 0)) as p_grade
    from customers_live
    where customer_id = :customer_id
    """,
    {"en": "The customer's newest row.", "ko": "고객의 가장 최근 행입니다."},
)

KNOWN_CUSTOMERS = Query(
    "known_customers",
    ("customers_live",),
    """
    select customer_id, grade, as_of, generation, batch_id
    from (
        select *, row_number() over (partition by grade order by p_up desc nulls last, customer_id) as place
        from customers_live
        where frequency > 0
    ) as placed
    where place = 1
    order by grade_rank nulls first
    """,
    {
        "en": "Of each grade the customer most likely to belong to a higher one.",
        "ko": "등급마다 더 높은 등급에 속할 확률이 가장 큰 고객입니다.",
    },
)


@dataclass
class Visitor:
    """What one browser has done here. `unsent`: orders that may not have arrived. `watches`: by customer."""

    basket: dict[str, int] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    unsent: set[str] = field(default_factory=set)
    watches: dict[str, Watch] = field(default_factory=dict)

    def own(self, customer: str | None) -> dict[str, Order]:
        """The orders placed as that customer, or as a guest, the newest first."""
        newest_first = reversed(self.orders.items())
        return {order_id: order for order_id, order in newest_first if order.event.get("customer_id") == customer}

    def keep(self, order: Order) -> None:
        self.orders = {**self.orders, order.event["order_id"]: order}
        for order_id in list(self.orders)[:-ORDERS_KEPT]:
            del self.orders[order_id]


class Shop:
    """Visitors order, one at a time, by `producer`; rows come back from `lake`."""

    def __init__(self, lake: Lake, producer: Producer, settings: Settings) -> None:
        self.lake = lake
        self.producer = producer
        self.settings = settings
        self.products = catalogue(settings.shop.currency)
        self.visitors: OrderedDict[str, Visitor] = OrderedDict()
        self.arriving = threading.Lock()
        self.ordering = threading.Lock()
        grades, shop = settings.grades, settings.shop
        names, ignored = grades.names[grades.components], settings.ingest.ignored_customers
        self.views = {
            language: View(language, Terms(names, shop.currency, shop.zone), lake, grades.boundary_below, ignored)
            for language in TEXTS
        }

    def visitor(self, key: str) -> Visitor:
        with self.arriving:
            visitor = self.visitors.setdefault(key, Visitor())
            self.visitors.move_to_end(key)
            while len(self.visitors) > VISITORS_KEPT:
                self.visitors.popitem(last=False)
            return visitor

    @property
    def now(self) -> datetime:
        return self.settings.fixed_now or datetime.now(UTC)

    def moment(self, text: str) -> datetime:
        """When an order is to have happened: noon of a day before today, else now. Raises Refusal."""
        today = self.settings.today
        try:
            day = date.fromisoformat(text) if text else today
        except ValueError:
            raise Refusal("date") from None
        if not EARLIEST <= day <= today:
            raise Refusal("date")
        return datetime.combine(day, time(12), self.settings.shop.zone) if day < today else self.now

    def fill(self, visitor: Visitor, sku: str, pieces: str | None) -> None:
        """Sets the pieces of a product in the basket, 0 to take it out; without a number one more. Raises Refusal."""
        if sku not in self.products:
            raise Refusal("product")
        wanted = str(visitor.basket.get(sku, 0) + 1) if pieces is None else pieces
        basket = {**visitor.basket, sku: shopping.pieces(wanted, least=0)}
        visitor.basket = {sku: count for sku, count in basket.items() if count}

    def items(self, visitor: Visitor) -> list[dict[str, Any]]:
        return shopping.lines(visitor.basket, self.products)

    def place(self, visitor: Visitor, customer: str | None, moment: datetime) -> Order:
        """What is in the basket becomes an order; it is not sent yet. Raises Refusal."""
        items = self.items(visitor)
        amount = shopping.total(items, self.settings.ingest.max_amount)
        order_id = f"S{secrets.token_hex(5).upper()}"
        order = Order(shopping.placed(order_id, customer, moment, amount, self.settings.shop.currency, items))
        visitor.basket = {}
        visitor.keep(order)
        return order

    def change(self, order: Order, action: str, asked: dict[str, str]) -> None:
        """Returns, cancels or corrects; what it adds is not sent yet. Raises Refusal.

        `asked`: for a return nothing, for all that is left, or the `sku` of one piece; for a correction pieces by sku.
        """
        if action == "cancelled":
            order.cancel(self.now)
        elif action == "returned":
            order.give_back({asked["sku"]: 1} if "sku" in asked else order.left, self.now)
        elif action == "corrected":
            pieces = {sku: shopping.pieces(asked.get(sku, ""), least=0) for sku in order.left}
            order.correct(pieces, self.settings.ingest.max_amount)

    def send(self, visitor: Visitor, order: Order, *, again: bool = False) -> None:
        """Sends the order's last message, or all of them. Raises SourceError when they may not have arrived."""
        order_id, customer = order.event["order_id"], order.event.get("customer_id")
        again = again or order_id in visitor.unsent
        watch = Watch(self.row(customer)) if customer else None
        visitor.unsent.add(order_id)
        self.producer.send(order.messages if again else order.messages[-1:])
        visitor.unsent.discard(order_id)
        if customer and watch:
            visitor.watches[customer] = watch

    def row(self, customer: str) -> Evidence | None:
        """The customer's newest row; no evidence at all while there is no table."""
        try:
            return self.lake.run(OWN_ROW, {"customer_id": customer})
        except StoreError:
            return None

    def known(self) -> list[dict[str, Any]]:
        """A customer of each grade."""
        try:
            return [dict(row) for row in self.lake.run(KNOWN_CUSTOMERS).rows]
        except StoreError:
            return []

    def close(self) -> None:
        with self.ordering:  # an order that is on its way arrives
            self.producer.close()


def shop_app(shop: Shop) -> Flask:
    """A page per language, and its parts as JSON: `fragments` {element id: HTML}, and `said` or `error`, a sentence."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),  # a visit ends with the server, which remembers its orders
        SESSION_COOKIE_NAME="dangol_shop",
        SESSION_COOKIE_SAMESITE="Strict",
        TRUSTED_HOSTS=list(LOOPBACK),
        MAX_CONTENT_LENGTH=LONGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LONGEST_REQUEST,
        MAX_FORM_PARTS=100,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.before_request(refuse_other_pages)
    app.after_request(with_security_headers)

    def visitor() -> Visitor:
        return shop.visitor(session.setdefault("id", secrets.token_urlsafe(16)))

    def view() -> View:
        return shop.views[language_asked()]

    def context(customer: str | None) -> dict[str, Any]:
        guest = visitor()
        watch = guest.watches.get(customer or "")
        now = shop.row(customer) if customer else None
        if watch:
            watch.look(now)
        panel = view().panel(customer, now, watch)
        return {"shop": shop, "visitor": guest, "view": view(), "texts": view().texts, "customer": customer} | {
            "panel": panel
        }

    def fragments(*names: str) -> dict[str, str]:
        shown = context(customer_asked())
        return {name: render_template(f"shop_{name}.html", **shown) for name in names}

    def sent(order: Order, action: str) -> tuple[dict[str, Any], int]:
        try:
            shop.send(visitor(), order, again=action == "again")
        except SourceError as error:
            print(f"dangol: {error}", file=sys.stderr)
            return {"fragments": fragments("basket", "orders", "panel"), "error": view().texts["unsent"]}, 502
        said = view().say(f"said_{action}", order_id=order.event["order_id"])
        return {"fragments": fragments("basket", "orders", "panel"), "said": said}, 200

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> tuple[dict[str, str], int]:
        return {"error": view().refusal(refusal)}, 400

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> tuple[dict[str, str], int]:
        name = {403: "elsewhere", 413: "too_large"}.get(error.code or 500, "bad")
        return {"error": TEXTS[language_asked()][name]}, error.code or 500

    @app.get("/")
    def start() -> AnyResponse:
        return redirect(url_for("page", language=preferred(request.headers.get("Accept-Language", "ko"))), 303)

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(ICON, mimetype="image/svg+xml")

    @app.get("/<any(ko, en):language>")
    def page(language: Language) -> tuple[str, int]:
        wrong = customer = None
        try:
            customer = customer_asked()
        except Refusal as refusal:
            wrong = shop.views[language].refusal(refusal)
        shown = context(customer)
        return render_template("shop.html", known=shop.known(), wrong=wrong, **shown), 400 if wrong else 200

    @app.get("/<any(ko, en):language>/panel")
    def panel(language: Language) -> dict[str, Any]:
        return {"fragments": fragments("panel")}

    @app.post("/<any(ko, en):language>/basket")
    def basket(language: Language) -> dict[str, Any]:
        with shop.ordering:
            shop.fill(visitor(), request.form.get("sku", ""), request.form.get("pieces"))
            items = shop.items(visitor())
            said = view().say("said_basket", count=sum(visitor().basket.values()), total=view().worth(items))
            return {"fragments": fragments("basket"), "said": said}

    @app.post("/<any(ko, en):language>/orders")
    def orders(language: Language) -> tuple[dict[str, Any], int]:
        with shop.ordering:
            moment = shop.moment(request.form.get("date", ""))
            return sent(shop.place(visitor(), customer_asked(), moment), "placed")

    @app.post("/<any(ko, en):language>/orders/<order_id>/<any(returned, cancelled, corrected, again):action>")
    def change(language: Language, order_id: str, action: str) -> tuple[dict[str, Any], int]:
        with shop.ordering:
            order = visitor().own(customer_asked()).get(order_id)
            if order is None:
                raise Refusal("order")
            shop.change(order, action, request.form.to_dict())
            return sent(order, action)

    return app


def language_asked() -> Language:
    return (request.view_args or {}).get("language") or "en"


def customer_asked() -> str | None:
    """The customer of the address; none for a guest. Raises Refusal."""
    typed = request.args.get("customer", "")
    return shopping.customer_id(typed) if typed.strip(" ") else None


def refuse_other_pages() -> None:
    """Browsers name the page that a POST comes from: no other page may order in someone's name."""
    if request.method == "POST" and request.headers.get("Origin") != request.host_url.rstrip("/"):
        raise OtherPage


class OtherPage(HTTPException):
    code = 403


def with_security_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


class Handler(WSGIRequestHandler):
    """Says nothing of its versions and of each request, and does not wait for a silent client for ever."""

    timeout = 30

    def version_string(self) -> str:
        return "dangol"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class Server(ThreadedWSGIServer):
    """Waits in the end for answers that are being given: cut off, they leave DuckDB's objects behind."""

    daemon_threads = False


def open_shop(settings: Settings, to: str | None, path: Path | None) -> Shop:
    """The shop of a store, whose orders go where its stream reads from unless said otherwise. Raises SettingsError."""
    source = settings.source
    to = to or {"kafka": "broker"}.get(source.kind, source.kind)
    if to not in DESTINATIONS:
        raise SettingsError(f"--to {to} is unknown; choose {', '.join(DESTINATIONS)}")
    login = source.model_copy(update={"connection_string": known_connection_string(settings)})
    settings = settings.model_copy(update={"source": login})
    producer = simulate.producer(to, path or source.path, settings, BROKER_SECONDS)
    return Shop(Lake(settings.store.path, refresh_seconds=REFRESH_SECONDS), producer, settings)


def serve(shop: Shop, *, host: str, port: int, announce: Callable[[str], None] = print) -> None:
    """Serves the shop until Ctrl-C or SIGTERM; `announce` gets its URL. Port 0 takes a free one.

    Raises SetupError when the address is not loopback, or the port is taken.
    """
    with closing(shop), closing(listener(host, port, "page.shop_port")) as bound, orderly_stop():
        server = Server(host, port, shop_app(shop), Handler, fd=bound.fileno())
        announce(f"http://{host}:{bound.getsockname()[1]}/")
        with server:
            server.serve_forever()
