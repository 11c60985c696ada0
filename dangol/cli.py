"""The doors: every command, its options, and nothing else. jobs/, ml/ and rag/ call these by name."""

import json
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dangol.answers.policy import Role
from dangol.errors import DangolError, SettingsError, SetupError
from dangol.settings import Settings, load_settings, typed

if TYPE_CHECKING:
    from dangol.edges.store import TableStore

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
people = typer.Typer(help="Who may sign in to the page.", no_args_is_help=True)
app.add_typer(people, name="people")
audience = typer.Typer(help="Groups of customers to write to.", no_args_is_help=True)
app.add_typer(audience, name="audience")

StoreOption = Annotated[
    Path | None, typer.Option("--store", help="Folder of the tables.", show_default=".dangol/store")
]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="A setting of conf/base.yml: section.name=value.")]
ProfileOption = Annotated[str, typer.Option(help="Settings of conf/PROFILE.yml over conf/base.yml.")]
WhereOption = Annotated[
    list[str] | None,
    typer.Option("--where", help="Whom it finds, such as grade=VIP,Gold or moved=down:7; docs/audiences.md lists all."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


def main(arguments: list[str] | None = None) -> None:
    """Runs a command; a DangolError ends it with its sentence and exit code 1.

    Returns when all went well: a Databricks task takes any SystemExit for a failure.
    """
    try:
        app(arguments)
    except DangolError as error:
        print(f"dangol: {error}", file=sys.stderr)
        sys.exit(1)
    except SystemExit as end:
        if end.code:
            raise


@app.command()
def setup() -> None:
    """Get Java and the jars ready, once per machine."""
    from dangol.edges.machine import set_up

    set_up()


@app.command()
def stream(
    source: Annotated[str | None, typer.Option(help="files or kafka.")] = None,
    path: Annotated[Path | None, typer.Option(help="files: the folder of JSON Lines.")] = None,
    available_now: Annotated[bool, typer.Option("--available-now", help="Read what is there, then end.")] = False,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Go on although the bus has lost messages, and write down which.")
    ] = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Read orders; write events, customer_history and customers."""
    from dangol.edges.exporter import endpoint
    from dangol.edges.logs import log_to
    from dangol.edges.session import spark_session
    from dangol.edges.stream import run_stream

    options = {"source.kind": source, "source.path": path}
    settings = chosen(profile, store, set_, {name: value for name, value in options.items() if value is not None})
    log_to(settings.store.logs / "stream.log")
    with endpoint(settings.metrics.port, settings.store.checkpoints) as served:
        run_stream(spark_session(), settings, available_now=available_now, accept_loss=accept_loss, endpoint=served)


@app.command()
def tick(
    date: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The shop's day; default today.")] = None,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Ask the stream to write every customer anew at today's clock; once a day."""
    from dangol.edges.inlet import tick as write_ticks
    from dangol.edges.session import spark_session
    from dangol.edges.store import TableStore

    settings = remembered(profile, store, set_)
    day = date.date() if date else settings.today
    count = write_ticks(TableStore(spark_session(), settings.store.path), day, "tick", settings.tick.customers_per_file)
    print(f"{count} customers ticked for {day}")


@app.command()
def snapshot(store: StoreOption = None, set_: SetOption = None, profile: ProfileOption = "local") -> None:
    """Rewrite customers from the history."""
    from dangol.edges.session import spark_session
    from dangol.edges.store import TableStore

    TableStore(spark_session(), remembered(profile, store, set_).store.path).snapshot()


@app.command()
def verify(
    drain: Annotated[bool, typer.Option("--drain", help="Stop a running stream and read the rest first.")] = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Recompute every customer from events and compare; exit code 1 on any difference."""
    from dangol.edges.logs import log_to
    from dangol.edges.session import spark_session
    from dangol.edges.verify import make_way
    from dangol.edges.verify import verify as verify_store

    settings = remembered(profile, store, set_)
    make_way(settings, drain=drain)
    log_to(settings.store.logs / "stream.log")
    result = verify_store(spark_session(), settings)
    show(result, as_json)
    if result["mismatches"] or result["repeated"] or result["missing"]:
        raise typer.Exit(1)


@app.command()
def stop(store: StoreOption = None, set_: SetOption = None, profile: ProfileOption = "local") -> None:
    """Have the running stream stop between two micro-batches, and wait for it."""
    from dangol.edges.verify import stop as stop_stream

    driver = stop_stream(remembered(profile, store, set_))
    print(f"the stream, process {driver}, has stopped" if driver else "no stream runs on this store")


@app.command(name="repair-days")
def repair_days(store: StoreOption = None, set_: SetOption = None, profile: ProfileOption = "local") -> None:
    """Bring what came after its day was closed into customer_days."""
    from dangol.edges.days import repair_days as repair
    from dangol.edges.session import spark_session
    from dangol.edges.store import TableStore

    settings = remembered(profile, store, set_)
    show(repair(TableStore(spark_session(), settings.store.path), settings), as_json=False)


@app.command()
def rebuild(
    as_json: JsonOption = False, store: StoreOption = None, set_: SetOption = None, profile: ProfileOption = "local"
) -> None:
    """Make the checkpoints anew from events, for a lost, changed or outgrown one; the stream must not run."""
    rebuild_store(remembered(profile, store, set_), as_json)


@app.command()
def roll(
    as_json: JsonOption = False, store: StoreOption = None, set_: SetOption = None, profile: ProfileOption = "local"
) -> None:
    """Rebuild when the state is older than state.roll_days, to leave out what it needs no more."""
    from dangol.edges.manifest import read_manifest

    settings = remembered(profile, store, set_)
    manifest = read_manifest(settings.store.checkpoints)
    age = manifest.age_days(datetime.now(UTC)) if manifest else None
    if age is not None and age < settings.state.roll_days:
        print(f"nothing to do: the state is {age} days old, and state.roll_days is {settings.state.roll_days}")
    else:
        rebuild_store(settings, as_json)


@app.command()
def backfill(
    data: Annotated[Path, typer.Option(help="Orders: the Online Retail parquet, or JSON Lines of events.")],
    wait: Annotated[bool, typer.Option(help="Until all is in, by the running stream or by itself.")] = True,
    as_json: JsonOption = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Bring the orders of a file into the tables, past ones too; a second call with the file adds nothing."""
    from dangol.edges.backfill import backfill as bring
    from dangol.edges.logs import log_to
    from dangol.edges.session import spark_session

    settings = remembered(profile, store, set_)
    log_to(settings.store.logs / "stream.log")
    show(bring(spark_session(), settings, data, wait=wait), as_json)


@app.command()
def rejected(
    reason: Annotated[str, typer.Option(help="Only messages with a reason that has this text in it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print each whole message as a line of JSON.")] = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Rejected messages that nothing replaces yet: how many, why, the newest; needs no JVM."""
    from dangol.edges import rejections

    folder = chosen(profile, store, set_).store.path
    if not as_json:
        show(rejections.summary(folder, reason), as_json)
        return
    for row in rejections.open_rejections(folder, reason):
        print(rejections.json_line(row))


@app.command(name="replay-rejected")
def replay_rejected(
    data: Annotated[Path | None, typer.Option(help="Corrected lines of dangol rejected --json.")] = None,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Send rejected messages again: those that the rules of now accept, or the corrected ones of a file."""
    from dangol.edges.manifest import holder
    from dangol.edges.repairs import replay_rejected as replay
    from dangol.edges.session import spark_session
    from dangol.edges.store import TableStore

    settings = remembered(profile, store, set_)
    result = replay(TableStore(spark_session(), settings.store.path), settings, data)
    print(f"{result['repaired']} of {result['open']} rejected messages enter again")
    if result["repaired"]:
        start = "the running stream takes" if holder(settings.store.checkpoints) else "start the stream, it takes"
        print(f"{start} them in; then run dangol repair-days")


@app.command()
def maintain(store: StoreOption = None, set_: SetOption = None, profile: ProfileOption = "local") -> None:
    """Compact the tables, remove old ticks, files and logs, thin the history; the stream may run meanwhile."""
    from dangol.edges.machine import give_way
    from dangol.edges.maintenance import maintain as keep_up
    from dangol.edges.session import spark_session
    from dangol.edges.store import TableStore

    settings = remembered(profile, store, set_)
    give_way()  # and so does the JVM: the stream's cores come first
    tables = TableStore(spark_session(cores=1), settings.store.path)
    show(keep_up(tables, settings, datetime.now(UTC)), as_json=False)


@app.command()
def status(
    as_json: JsonOption = False, store: StoreOption = None, set_: SetOption = None, profile: ProfileOption = "local"
) -> None:
    """Queries, last batch, lag, table versions, champion."""
    from dangol.edges.status import status as status_of

    show(status_of(remembered(profile, store, set_)), as_json)


@app.command()
def forget(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Remove all traces of a customer and write a receipt; the stream must not run, a rebuild must follow; no JVM."""
    from dangol.edges import forget as forgetting

    settings = remembered(profile, store, set_)
    if not yes:
        show(forgetting.traces(settings, customer), as_json)
        if not sys.stdin.isatty():
            raise SettingsError("nothing was removed: there is no terminal to ask at; run it again with --yes")
        typer.confirm("Remove all this for ever?", abort=True, err=True)
    receipt = forgetting.forget(settings, customer)
    remains = {str(number): line for number, line in enumerate(receipt["remains"], 1)}
    show(receipt if as_json else receipt | {"remains": remains}, as_json)


@app.command()
def changes(
    available_now: Annotated[bool, typer.Option("--available-now", help="Read what is there, then end.")] = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Follow customer_history and write grade changes; tell others of them if triggers are on; needs no JVM."""
    from dangol.edges.changes import run_changes
    from dangol.edges.logs import log_to

    settings = remembered(profile, store, set_)
    log_to(settings.store.logs / "changes.log")
    show(run_changes(settings, available_now=available_now), as_json)


@app.command()
def summarize(
    available_now: Annotated[bool, typer.Option("--available-now", help="Tell what is there, then end.")] = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Keep the summaries of customers, grades and movements, which answers are written from; needs no JVM."""
    from dangol.edges.logs import log_to
    from dangol.edges.summarize import run_summarize

    settings = remembered(profile, store, set_)
    log_to(settings.store.logs / "summarize.log")
    show(run_summarize(settings, available_now=available_now), as_json)


@app.command()
def index(
    as_json: JsonOption = False, store: StoreOption = None, set_: SetOption = None, profile: ProfileOption = "local"
) -> None:
    """Bring the index for open descriptions, such as "who buys mugs", up to the summaries; needs no JVM."""
    from dangol.edges.index import index_of

    show(index_of(remembered(profile, store, set_)).refresh(), as_json)


@app.command()
def redeliver(
    as_json: JsonOption = False, store: StoreOption = None, set_: SetOption = None, profile: ProfileOption = "local"
) -> None:
    """Send the changes again that could not be sent; needs no JVM."""
    from dangol.edges.triggers import redeliver as send_again

    show(send_again(remembered(profile, store, set_)), as_json)


@app.command()
def train(
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The shop's day, at its start; default today.")
    ] = None,
    promote_it: Annotated[bool, typer.Option("--promote", help="Promote the version if its gates let it.")] = False,
    refits: Annotated[int, typer.Option(min=2, help="Refits that the stability of the grades is judged by.")] = 30,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Fit the mixture to the customers of a day, judge it and register it."""
    from dangol.edges.session import spark_session
    from dangol.edges.store import TableStore
    from dangol.edges.terminal import print_gates
    from dangol.edges.training import train as train_on

    settings = remembered(profile, store, set_)
    tables = TableStore(spark_session(), settings.store.path)
    trained = train_on(tables, settings, as_of.date() if as_of else None, refits)
    print_gates(trained.study.gates)
    print(f"registered {settings.registry.model} version {trained.version}")
    if promote_it:
        promote_version(tables, settings, trained.version, None)


@app.command()
def promote(
    version: Annotated[str | None, typer.Argument(help="The registered version; without it, all are listed.")] = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="Back to the champion before.")] = False,
    accept_churn: Annotated[
        str | None, typer.Option("--accept-churn", help="Why it is meant that many customers change their grade.")
    ] = None,
    as_json: JsonOption = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Make a version the champion and have every customer graded anew; or go back, or list the versions."""
    from dangol.edges import promotion

    settings = remembered(profile, store, set_)
    if version is None and not rollback:
        none = f"no version of {settings.registry.model} is registered; train one with `dangol train`"
        show(promotion.models(settings), as_json, none)
        return
    if version is not None and rollback:
        raise SettingsError(f"--rollback goes to the champion before, not to version {version}; give one of the two")
    from dangol.edges.session import spark_session
    from dangol.edges.store import TableStore

    tables = TableStore(spark_session(), settings.store.path)
    if version is None:
        grade_anew(tables, settings, promotion.rollback(settings))
    else:
        promote_version(tables, settings, version, accept_churn)


@app.command()
def drift(
    as_json: JsonOption = False, store: StoreOption = None, set_: SetOption = None, profile: ProfileOption = "local"
) -> None:
    """How far the customers are from those that the champion was trained on; kept in MLflow. Needs no JVM."""
    from dangol.edges.drift import measure_drift

    show(measure_drift(remembered(profile, store, set_)), as_json)


@app.command()
def boundary(
    grade: Annotated[str | None, typer.Option(help="Of this grade alone, by its name in either language.")] = None,
    below: Annotated[
        float | None, typer.Option(min=0, max=1, help="p_max below it.", show_default="grades.boundary_below")
    ] = None,
    as_json: JsonOption = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """The customers whose grade is the least sure, the least sure first. Needs no JVM."""
    from dangol.edges import explaining
    from dangol.edges.terminal import print_rows

    settings = remembered(profile, store, set_)
    limit = settings.grades.boundary_below if below is None else below
    rows = explaining.boundary(settings, grade, limit)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        print_rows(rows, ("customer_id", "grade", "p_max", "p_up", "p_down", "recency_days", "frequency", "monetary"))


@app.command()
def why(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    as_json: JsonOption = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Why a customer fell: the fewest of recency, frequency and monetary that would bring the grade back."""
    from dangol.edges.explaining import why as why_fallen

    show(why_fallen(remembered(profile, store, set_), customer), as_json)


@app.command(name="what-if")
def what_if(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    grade: Annotated[str, typer.Option(help="The grade to reach, by its name in either language.")],
    as_json: JsonOption = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """What would bring a customer to a grade today: the least worth of one order, or how many usual orders."""
    from dangol.edges.explaining import what_if as what_would

    show(what_would(remembered(profile, store, set_), customer, grade), as_json)


@app.command()
def grades(
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="At the end of this day of the shop; default now.")
    ] = None,
    as_json: JsonOption = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """How many customers each grade has, now or on a past day. Needs no JVM."""
    from dangol.edges.explaining import grades_on

    settings = remembered(profile, store, set_)
    none = "no customer has a grade then; try a later --date, or promote a model with `dangol promote`"
    show(grades_on(settings, date.date() if date else None), as_json, none)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help='Such as "고객 12347 요약해 줘".')] = None,
    batch: Annotated[
        Path | None, typer.Option(help="Questions as JSON Lines {id, question[, before: [earlier questions]]}.")
    ] = None,
    role: Annotated[Role, typer.Option(help="With whose rights: viewer, analyst or admin.")] = "admin",
    as_json: JsonOption = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Answer a question about customers, in Korean or English, with its facts; or a file of them."""
    from dangol.answers.answering import to_json
    from dangol.edges.asking import asked, asker

    ask_one = asker(remembered(profile, store, set_))
    if batch is not None:
        for line in asked(ask_one, batch, role):
            print(json.dumps(line, ensure_ascii=False), flush=True)
        return
    if question is None:
        raise SettingsError("there is no question; write one, or give a file of them with --batch")
    answer = ask_one(question, role=role)
    if as_json:
        print(json.dumps(to_json(answer), ensure_ascii=False))
    else:
        from dangol.edges.terminal import print_answer

        print_answer(answer)
    if answer.status == "unavailable":
        raise typer.Exit(1)


@audience.command(name="size")
def audience_size(
    where: WhereOption = None,
    as_json: JsonOption = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """How many customers an audience has, what they spent, and how many may be written to; needs no JVM."""
    from dangol.edges.audiences import local, size_told

    settings = remembered(profile, store, set_)
    show(size_told(local(settings), where or []), as_json)


@audience.command(name="save")
def audience_save(
    name: Annotated[str, typer.Argument(help="What to call it; an audience of that name is replaced.")],
    where: WhereOption = None,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Save an audience, whose members are noted every day from now on."""
    from dangol.edges.audiences import local
    from dangol.edges.people import LOCAL

    audiences = local(remembered(profile, store, set_))
    audiences.save(audiences.described(where or [], name), LOCAL)
    print(f"saved; see it with dangol audience list, take it away with dangol audience export {name!r}")


@audience.command(name="list")
def audience_list(
    as_json: JsonOption = False, store: StoreOption = None, set_: SetOption = None, profile: ProfileOption = "local"
) -> None:
    """The saved audiences, their sizes, and how many entered and left since yesterday; notes today's members."""
    from dangol.edges.audiences import listed, local

    show(listed(local(remembered(profile, store, set_))), as_json)


@audience.command(name="export")
def audience_export(
    to: Annotated[Path, typer.Option(help="The file to write; it must not be there yet.")],
    name: Annotated[str | None, typer.Argument(help="A saved audience; or describe one with --where.")] = None,
    where: WhereOption = None,
    preset: Annotated[str, typer.Option(help="Columns: plain, kakao or email.")] = "plain",
    form: Annotated[str, typer.Option("--format", help="csv, excel (csv for Excel) or parquet (ZIP).")] = "csv",
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Write a file of those who may be written to, with their ids; it is written down in logs/audit.jsonl."""
    from dangol.edges.audiences import local, write_export

    if name is not None and where:
        raise SettingsError("give the name of a saved audience or describe one with --where, not both")
    audiences = local(remembered(profile, store, set_))
    count = write_export(audiences, name or audiences.described(where or []), preset, form, to)
    print(f"{to} has {count} bytes; it holds customers' ids: delete it when it was used")


@app.command()
def simulate(
    data: Annotated[
        Path | None, typer.Option(help="Orders: the Online Retail parquet, or JSON Lines of events.")
    ] = None,
    to: Annotated[str, typer.Option(help="broker, files, eventhubs or stdout.")] = "broker",
    path: Annotated[Path | None, typer.Option(help="files: the folder to write to.")] = None,
    speed: Annotated[str, typer.Option(help="max, or so many times as fast as it happened.")] = "max",
    shift_to_now: Annotated[
        bool, typer.Option("--shift-to-now", help="Move the orders by whole weeks up to yesterday.")
    ] = False,
    then_live: Annotated[float, typer.Option(min=0, help="Then so many synthetic orders a second, until Ctrl-C.")] = 0,
    duplicates: Annotated[float, typer.Option(min=0, max=1, help="Share of messages sent twice.")] = 0,
    late: Annotated[float, typer.Option(min=0, max=1, help="Share of messages sent after later ones.")] = 0,
    returns: Annotated[float, typer.Option(min=0, max=1, help="Share of orders given back.")] = 0,
    malformed: Annotated[float, typer.Option(min=0, max=1, help="Share of messages made unreadable or wrong.")] = 0,
    seed: Annotated[int, typer.Option(help="Same seed, same messages.")] = 0,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Send orders: a file of real ones, with faults if wanted, then living customers."""
    from dangol.edges import simulate as simulation
    from dangol.edges.terminal import counted

    settings = chosen(profile, store, set_)
    pace = simulation.speed_of(speed)
    events = simulation.orders(data or simulation.real_orders(), shift_to_now=shift_to_now, zone=settings.shop.zone)
    faults = simulation.Faults(duplicates, late, returns, malformed, seed)
    with closing(simulation.producer(to, path, settings)) as producer:
        messages = simulation.messages(events, faults)
        with counted("orders sent", len(messages)) as advance:
            simulation.send(messages, producer, pace, advance)
        if then_live:
            with counted("live orders sent", None) as advance, suppress(KeyboardInterrupt):
                simulation.send_live(events, producer, then_live, seed, advance)
    if producer.refused:
        print(f"{producer.refused} messages were left out: the destination cannot hold them", file=sys.stderr)


@app.command()
def page(
    share: Annotated[bool, typer.Option("--share", hidden=True)] = False,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Serve the page: on loopback to everyone, elsewhere to those who sign in."""
    from dangol.edges.web import serve

    if share:
        raise SetupError(
            "--share is not served: customers' data would pass through a stranger's server, without sign-in; "
            "docs/page.md says how to serve the page to others"
        )
    serve(remembered(profile, store, set_))


@people.command(name="add")
def people_add(
    name: Annotated[str, typer.Argument(help="Whom to let in, or to give another role and password.")],
    role: Annotated[str, typer.Option(help="viewer (groups alone) | analyst (customers too) | admin (all, audited).")],
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Let a person sign in to the page; asks for the password."""
    from dangol.edges.people import People, role_of

    listed = People(remembered(profile, store, set_).people_file)
    role_of(role)
    is_new = listed.add(name, role, typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    print(f"{name} may sign in as {role}" if is_new else f"{name} has a new password and is {role}")


@people.command(name="list")
def people_list(
    as_json: JsonOption = False, store: StoreOption = None, set_: SetOption = None, profile: ProfileOption = "local"
) -> None:
    """Who may sign in, and as what."""
    from dangol.edges.people import People

    entries = People(remembered(profile, store, set_).people_file).read()
    show({name: entry["role"] for name, entry in sorted(entries.items())}, as_json)


@people.command(name="remove")
def people_remove(
    name: Annotated[str, typer.Argument(help="Whom to let in no more; signed in or not.")],
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Take a person off the list; a running page knows at once."""
    from dangol.edges.people import People

    People(remembered(profile, store, set_).people_file).remove(name)


@app.command()
def shop(
    to: Annotated[
        str | None, typer.Option(help="broker, files or eventhubs.", show_default="where the stream reads from")
    ] = None,
    path: Annotated[Path | None, typer.Option(help="files: the folder to write to.")] = None,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """Serve a shop to try it with: order as a customer, watch the own grade; on loopback."""
    from dangol.edges.shop import open_shop, serve

    settings = remembered(profile, store, set_)
    serve(open_shop(settings, to, path), host=settings.page.host, port=settings.page.shop_port)


@app.command()
def demo(
    rate: Annotated[float, typer.Option(min=0.1, help="Living customers: orders a second.")] = 2,
    store: StoreOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "local",
) -> None:
    """The whole line on this machine, with real orders, until Ctrl-C."""
    from dangol.edges.demo import run_demo

    shop = {"shop.timezone": "Europe/London", "shop.currency": "GBP", "source.kind": "kafka"}
    run_demo(chosen(profile, store, set_, shop), rate)


def rebuild_store(settings: Settings, as_json: bool) -> None:
    from dangol.edges.logs import log_to
    from dangol.edges.rebuild import rebuild as rebuild_from_events
    from dangol.edges.session import spark_session
    from dangol.edges.store import TableStore

    log_to(settings.store.logs / "stream.log")
    show(rebuild_from_events(TableStore(spark_session(), settings.store.path), settings), as_json)
    print("start the stream: it writes every customer anew", file=sys.stderr)


def promote_version(tables: "TableStore", settings: Settings, version: str, accept_churn: str | None) -> None:
    from dangol.edges import promotion
    from dangol.edges.terminal import print_churn

    promotion.promote(settings, version, accept_churn, print_churn)
    grade_anew(tables, settings, version)


def grade_anew(tables: "TableStore", settings: Settings, version: str) -> None:
    from dangol.edges.inlet import tick as write_ticks

    count = write_ticks(tables, settings.today, "model", settings.tick.customers_per_file)
    print(f"version {version} is the champion; {count} customers will be graded anew")


def chosen(profile: str, store: Path | None, set_: list[str] | None, more: dict[str, Any] | None = None) -> Settings:
    """The settings of a command: its options over --set over the environment, the profile and conf/base.yml."""
    return load_settings(profile, (more or {}) | given(store, set_))


def remembered(profile: str, store: Path | None, set_: list[str] | None) -> Settings:
    """As `chosen`, but what is not given is as the store's stream was last started."""
    from dangol.edges.manifest import read_settings

    return chosen(profile, store, set_, read_settings(chosen(profile, store, set_).store.path))


def given(store: Path | None, set_: list[str] | None) -> dict[str, Any]:
    return dict(pair(text) for text in set_ or []) | ({"store.path": store} if store else {})


def pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"--set {text} has no value; write --set section.name=value")
    return name, typed(value)


def show(result: dict[str, Any], as_json: bool, nothing: str = "nothing") -> None:
    """`nothing` is said, on stderr, in place of an empty result."""
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
    elif not result:
        print(nothing, file=sys.stderr)
    else:
        from dangol.edges.terminal import print_result

        print_result(result)


if __name__ == "__main__":
    main()
