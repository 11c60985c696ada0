"""The contract: every table, one row of it, its columns and their meaning. docs/tables.md is generated from here."""

from dataclasses import dataclass

MONEY = "decimal(18,4)"
LONGEST_ID = 128
ITEM = f"struct<sku:string,name:string,quantity:int,unit_price:{MONEY}>"


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """A Delta table: a folder of that name under the store."""

    name: str
    row: str
    written_by: str
    how: str
    columns: tuple[Column, ...]
    partitioned_by: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def ddl(self) -> str:
        """Spark's schema text, such as `customer_id string, frequency bigint`."""
        return ", ".join(f"{column.name} {column.type}" for column in self.columns)


FACT = "struct<order_key:bigint,return_key:bigint,version:int,cancelled:boolean,day:int,units:bigint>"
"""One entry of a customer's state. order_key and return_key are xxhash64 of order_id and of a return's event_id (null
for placed and cancelled); day counts from 1970-01-01 in the shop's zone; units are 1/10000 of the currency. Spark reads
a changed entry back as garbage, so the manifest beside the checkpoint holds this text."""

MESSAGE = (
    Column("source", "string", "where the message came from: kafka, files or inlet"),
    Column("source_partition", "string", "kafka: topic/partition; files: the file's name; inlet: the row's origin"),
    Column("source_offset", "bigint", "kafka: the offset in the partition; inlet: the row's position; files: null"),
    Column("enqueued_time", "timestamp", "kafka: the broker's timestamp; files: the file's; inlet: when written"),
    Column("repairs", "string", "inlet: message_id of the rejected message that this one replaces; else null"),
)

EVENTS = Table(
    "events",
    "one received message, accepted or not",
    "ledger",
    "append, exactly once",
    (
        Column("event_id", "string", "the sender's id of this message"),
        Column("type", "string", "placed, returned or cancelled"),
        Column("order_id", "string", "the order that it is about"),
        Column("customer_id", "string", "the customer; null for a guest"),
        Column("event_time", "timestamp", "when it happened"),
        Column("amount", MONEY, "placed: what the order is worth; returned: what was given back"),
        Column("currency", "string", "ISO 4217 code"),
        Column("version", "int", "the highest version of an order counts"),
        Column("items", f"array<{ITEM}>", "what was bought"),
        Column("rejections", "array<string>", "why it was refused, every reason; empty: accepted"),
        Column("value", "binary", "the message as received"),
        *MESSAGE,
        Column("message_id", "string", "identifies the message: SHA-256 of where it came from and of its bytes"),
        Column("generation", "int", "the checkpoint of ledger that it was read with"),
        Column("batch_id", "bigint", "the micro-batch of ledger that appended it"),
    ),
)

INLET = Table(
    "inlet",
    "an order, a correction or a tick that enters beside the bus",
    "commands",
    "append",
    (
        Column("kind", "string", "order or tick"),
        Column("cause", "string", "order: backfill or repair; tick: tick, model or rebuild"),
        Column("customer_id", "string", "tick: whose row is to be written anew; order: null"),
        Column("value", "binary", "order: the message; tick: null"),
        Column("tick_date", "date", "tick: the shop's day that it is for; order: null"),
        Column("origin", "string", "order: what brought it: backfill/ or repair/ and an id; tick: null"),
        Column("position", "bigint", "order: its place in its origin, from 0; tick: null"),
        Column("repairs", "string", "order: message_id of the rejected message that it replaces; else null"),
        Column("enqueued_time", "timestamp", "when it was written"),
    ),
    partitioned_by=("kind",),
)

CUSTOMER = (
    Column("customer_id", "string", "the customer"),
    Column("recency_days", "int", "whole days from the last purchase's date to the date of as_of; null without one"),
    Column("frequency", "bigint", "distinct purchases in the window"),
    Column("monetary", MONEY, "purchases minus returns in the window"),
    Column("monetary_gross", MONEY, "purchases in the window"),
    Column("last_purchase_date", "date", "the shop's day of the last purchase, in the window or before; null without"),
    Column("mean_gap_days", "double", "mean days between purchases in the window; null below two"),
    Column("grade", "string", "the grade's English name; null without a purchase in the window, or without a model"),
    Column("grade_rank", "int", "0: by rule (one purchase); 1..k: the mixture's components by value; null as grade"),
    Column("posterior", "array<double>", "membership probability of ranks 1..k; null unless graded by the mixture"),
    Column("p_max", "double", "the posterior of the likeliest rank; null as posterior"),
    Column("margin", "double", "p_max less the second likeliest; null as posterior"),
    Column("p_up", "double", "posterior of all ranks above the grade's; null as posterior"),
    Column("p_down", "double", "posterior of all ranks below the grade's; null as posterior"),
    Column("state", "string", "new, active, cooling, dormant: recency against the own rhythm; null without a purchase"),
    Column("model_version", "string", "the registered model's version that graded the row; null without a model"),
    Column("as_of", "timestamp", "the moment that the row is true for"),
    Column("cause", "string", "what wrote the row: placed, returned, cancelled, tick, model, rebuild"),
    Column("enqueued_time", "timestamp", "enqueued time of the message that caused the row"),
    Column("generation", "int", "the checkpoint of grades that the row was made with; a rebuild begins a new one"),
    Column(
        "batch_id", "bigint", "the micro-batch of grades; a customer's greatest (generation, batch_id) is the newest"
    ),
)

CUSTOMER_HISTORY = Table(
    "customer_history", "one customer as of one moment", "grades", "append, exactly once", CUSTOMER
)

CUSTOMERS = Table(
    "customers",
    "one customer now; its greatest (generation, batch_id) is the history position that the snapshot covers",
    "snapshot",
    "overwrite",
    CUSTOMER,
)

CUSTOMER_DAYS = Table(
    "customer_days",
    "one customer on one closed day of the shop, as known at its close or at the last repair",
    "days",
    "append after the watermark, each customer-day once; repair-days merges what came later",
    (
        Column("customer_id", "string", "the customer"),
        Column("day", "date", "the shop's day that the events happened on"),
        Column("orders", "bigint", "purchases of the day"),
        Column("gross", MONEY, "what the day's purchases are worth"),
        Column("returned", MONEY, "what was given back on the day"),
        Column("facts", f"array<{FACT}>", "the day's facts, sorted: R, F and M of any later day follow from them"),
        Column("generation", "int", "the checkpoint of days that wrote it; null: written by repair-days"),
        Column("batch_id", "bigint", "the micro-batch of days that appended it; null as generation"),
    ),
)

CHANGES = Table(
    "changes",
    "one move of a customer from one settled grade to another",
    "changes",
    "append, exactly once",
    (
        Column("change_id", "string", "identifies the change: SHA-256 of generation, batch_id and customer_id"),
        Column("customer_id", "string", "the customer"),
        Column("old_grade", "string", "the settled grade before; null: none, or a new customer"),
        Column("old_grade_rank", "int", "its rank; null as old_grade"),
        Column("new_grade", "string", "the grade that has settled; null: none any more, the customer is dormant"),
        Column("new_grade_rank", "int", "its rank; null as new_grade"),
        Column("direction", "string", "in, up, down, out; null between equal ranks of models with other names"),
        Column("cause", "string", "order, return, repair, model, window or ageing; docs/flow.md says which is which"),
        Column("old_recency_days", "int", "of the row that settled the old grade last; null for a new customer"),
        Column("new_recency_days", "int", "of the row that changed it"),
        Column("old_frequency", "bigint", "as old_recency_days"),
        Column("new_frequency", "bigint", "as new_recency_days"),
        Column("old_monetary", MONEY, "as old_recency_days"),
        Column("new_monetary", MONEY, "as new_recency_days"),
        Column("old_model_version", "string", "as old_recency_days"),
        Column("new_model_version", "string", "as new_recency_days"),
        Column("p_max", "double", "of the row that changed it; null for a grade by rule or none"),
        Column("margin", "double", "as p_max; more than changes.hysteresis, but for a new customer"),
        Column("as_of", "timestamp", "the moment that the new grade is true for"),
        Column("enqueued_time", "timestamp", "enqueued time of the message that caused the row"),
        Column("generation", "int", "of the row of customer_history that changed it"),
        Column("batch_id", "bigint", "of the same row; (generation, batch_id) orders a customer's changes"),
    ),
)

DELIVERIES = Table(
    "deliveries",
    "one attempt to trigger something outside by a change; of a change the newest row counts",
    "changes, redeliver",
    "append, at least once",
    (
        Column("change_id", "string", "the change"),
        Column("customer_id", "string", "its customer"),
        Column("outcome", "string", "sent, failed, held_out, no_consent or expired"),
        Column("attempts", "int", "how often it was sent; 0 when it was not to be sent"),
        Column("reason", "string", "failed: why the last attempt was; else null"),
        Column("handled_at", "timestamp", "when the outcome was known"),
        Column("generation", "int", "of the change"),
        Column("batch_id", "bigint", "of the change"),
    ),
)

SUMMARIES = Table(
    "summaries",
    "one text and its facts: a customer, a grade, or a movement from one grade to another",
    "summarize",
    "upsert by content hash",
    (
        Column("key", "string", "customer/ID, grade/NAME, or movement/FROM/TO; - stands for no grade"),
        Column("kind", "string", "customer, grade or movement"),
        Column("customer_id", "string", "customer: whom it is about; else null"),
        Column("grade", "string", "customer: its grade or null; grade: itself; movement: the grade before or null"),
        Column("to_grade", "string", "movement: the grade after or null; else null"),
        Column("text_ko", "string", "what is said of it, in Korean"),
        Column("text_en", "string", "what is said of it, in English"),
        Column("customers", "bigint", "grade: its customers; movement: customers that moved; customer: 1"),
        Column("frequency", "bigint", "customer: as in customers; grade: all purchases in the window; movement: null"),
        Column("monetary", MONEY, "customer: as in customers; grade: its sum; movement: null"),
        Column("last_purchase_date", "date", "customer: as in customers; else null"),
        Column("state", "string", "customer: as in customers; else null"),
        Column("posterior", "array<double>", "customer: as in customers, to three places; else null"),
        Column(
            "trend", "string", "customer: rising, steady, falling: the last 90 days against the 90 before; else null"
        ),
        Column("returns_share", "double", "customer: of the money of all purchases, what was given back; else null"),
        Column("top_products", "array<string>", "names of what was bought for most money, at most five"),
        Column(
            "words",
            "string",
            "customer: words of the names of all that was bought, each once, most money first; else null",
        ),
        Column("signals", "array<string>", "customer: what stands out, by the names of answers/signals.py; else null"),
        Column(
            "changed_from", "string", "customer: the grade before the last change, - for none; null without a change"
        ),
        Column("change_cause", "string", "as in changes: customer: of the last change; movement: the most frequent"),
        Column("changed_at", "timestamp", "customer, movement: as_of of the last change; else null"),
        Column("content_hash", "string", "SHA-256 of all columns above; as long as it stays, so does the row"),
        Column("as_of", "timestamp", "the moment that the row is true for"),
        Column("generation", "int", "of the newest row of customer_history that it rests on"),
        Column("batch_id", "bigint", "of the same row"),
    ),
)

AUDIENCES = Table(
    "audiences",
    "one saving of an audience; of a name the newest row counts",
    "the page, audience",
    "append",
    (
        Column("audience", "string", "the name that it was given"),
        Column("spec", "string", "whom it finds, as JSON (docs/audiences.md); null: it was removed"),
        Column("person", "string", "who saved or removed it"),
        Column("saved_at", "timestamp", "when"),
    ),
)

AUDIENCE_MEMBERS = Table(
    "audience_members",
    "one customer of a saved audience on a day of the shop",
    "the page, audience",
    "append, at the first look of a day; days older than 35 are deleted",
    (
        Column("audience_id", "string", "SHA-256 of the audience's name and spec: another spec is another audience"),
        Column("day", "date", "the shop's day"),
        Column("customer_id", "string", "the customer; a row with null says that the audience was looked at"),
    ),
)

DECISIONS = Table(
    "decisions",
    "one customer of a task that was decided on; of a task the newest decision counts",
    "the page",
    "append, a commit per decision; customers of decisions older than 7 days are deleted",
    (
        Column("task_id", "string", "the task, by the names of answers/todo.py"),
        Column("verdict", "string", "approve or dismiss"),
        Column("person", "string", "who decided"),
        Column("decided_at", "timestamp", "when; the same in all rows of a decision"),
        Column("customer_id", "string", "the customer; each decision has one more row with null"),
    ),
)

FEEDBACK = Table(
    "feedback",
    "one judgement of an answer",
    "the page",
    "append",
    (
        Column("answer", "string", "HMAC-SHA256, by the key of the pseudonyms, of what identifies the answer"),
        Column("verdict", "string", "up or down"),
        Column("reason", "string", "one of edges/audiences.py; null: none was given"),
        Column("person", "string", "who judged"),
        Column("given_at", "timestamp", "when"),
    ),
)

SEED = Table(
    "seed",
    "one fact that the state of a generation began with; a folder per generation",
    "rebuild",
    "once",
    (
        Column("customer_id", "string", "the customer"),
        Column("fact", FACT, "as the state keeps it"),
        Column("enqueued_time", "timestamp", "enqueued time of the message that brought it"),
        Column("cause", "string", "placed, returned or cancelled"),
    ),
)

TABLES = (
    *(EVENTS, INLET, CUSTOMER_HISTORY, CUSTOMERS, CUSTOMER_DAYS, CHANGES, DELIVERIES, SUMMARIES),
    *(AUDIENCES, AUDIENCE_MEMBERS, DECISIONS, FEEDBACK),
)

CUSTOMERS_LIVE = """
select {columns} from (
    select *, row_number() over (partition by customer_id order by generation desc, batch_id desc) as newest
    from (select {columns} from {{customers}} union all select {columns} from {{customer_history}}) as both_tables
) as numbered where newest = 1
""".format(columns=", ".join(CUSTOMERS.names))  # noqa: S608 - names of this module alone
"""The view customers_live: snapshot and later history, the newest row of each customer. Spark and DuckDB run the same
text, with what stands for {customers} and {customer_history}: of the latter, the rows after the snapshot's will do."""
