"""Promotion on a real registry and real tables, without a JVM."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from dangol import cli
from dangol.edges import explaining, promotion, registry
from dangol.edges.drift import measure_drift
from dangol.edges.sinks import Champion
from dangol.edges.status import status
from dangol.errors import ModelError, SettingsError, StoreError
from dangol.grades.drift import reference
from dangol.grades.gates import Gate, at_least, to_json
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import score
from dangol.settings import Settings, load_settings
from dangol.tables import CUSTOMER_HISTORY

pytestmark = pytest.mark.registry

NAME = "dangol-grades"
PASSED, REFUSED = (at_least("smallest_weight", value, 0.02, "the smallest", "train anew") for value in (0.3, 0.01))


def mixture(money: float = 0.0, components: int = 3) -> MixtureParameters:
    """Grades along frequency and money; `money` moves the bounds between them."""
    means = tuple((0.0, 1.4 * rank, money + 1.4 * rank) for rank in range(components))
    unit = ((1.0, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 0.5))
    return MixtureParameters(
        (1 / components,) * components, means, (unit,) * components, (3.7, 1.6, 7.0), (0.95, 0.55, 1.0), 7.0
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(
        overrides={"store.path": tmp_path / "store", "shop.timezone": "Europe/London", "shop.currency": "GBP"}
    )


@pytest.fixture
def register(settings: Settings, tmp_path: Path) -> Callable[..., str]:
    def make(parameters: MixtureParameters, gates: Sequence[Gate] = (PASSED,)) -> str:
        files = tmp_path / "files"
        files.mkdir(exist_ok=True)
        (files / registry.GATES_FILE).write_text(to_json(gates), "utf-8")
        frame = shoppers().rename(columns={"id": "customer_id"})
        (files / registry.REFERENCE_FILE).write_text(reference(parameters, frame).to_json(), "utf-8")
        tags = {"as_of": "2011-12-10", **{f"gate.{gate.name}": gate.sentence for gate in gates}}
        uri = settings.registry_uri
        return registry.log_and_register(parameters, uri, NAME, metrics={}, params={}, tags=tags, files=files)

    return make


def shoppers() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frequency = rng.geometric(0.2, 300)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number:03}" for number in range(300)],
            "recency_days": rng.integers(0, 300, 300),
            "frequency": frequency,
            "monetary": np.round(frequency * rng.lognormal(5, 0.6, 300), 2),
        }
    )


def write_history(
    settings: Settings, parameters: MixtureParameters, day: int = 10, batch_id: int = 0, silence: int = 0
):
    """The shoppers' rows as the stream would write them on a day of December 2011."""
    people = shoppers().assign(recency_days=lambda frame: frame["recency_days"] + silence)
    scores = score(parameters, people["recency_days"], people["frequency"], people["monetary"])
    names = settings.grades.names[3]["en"]
    ranks = [int(rank) for rank in scores.rank]
    moment = datetime(2011, 12, day, 12, tzinfo=UTC)
    plain = {
        "customer_id": people["customer_id"].tolist(),
        "recency_days": people["recency_days"].tolist(),
        "frequency": people["frequency"].tolist(),
        "monetary": [Decimal(str(money)) for money in people["monetary"]],
        "monetary_gross": [Decimal(str(money)) for money in people["monetary"]],
        "last_purchase_date": [moment.date()] * 300,
        "mean_gap_days": [None] * 300,
        "grade": [names[rank] for rank in ranks],
        "grade_rank": ranks,
        "posterior": [None if np.isnan(row).any() else row.tolist() for row in scores.posterior],
        **{
            name: [None if np.isnan(v) else v for v in getattr(scores, name)]
            for name in ("p_max", "margin", "p_up", "p_down")
        },
        "state": ["active"] * 300,
        "model_version": ["1"] * 300,
        "as_of": [moment] * 300,
        "cause": ["tick"] * 300,
        "enqueued_time": [moment] * 300,
        "generation": [1] * 300,
        "batch_id": [batch_id] * 300,
    }
    kinds = {
        "string": pa.string(),
        "int": pa.int32(),
        "bigint": pa.int64(),
        "double": pa.float64(),
        "date": pa.date32(),
        "decimal(18,4)": pa.decimal128(18, 4),
        "array<double>": pa.list_(pa.float64()),
        "timestamp": pa.timestamp("us", "UTC"),
    }
    schema = pa.schema([(column.name, kinds[column.type]) for column in CUSTOMER_HISTORY.columns])
    write_deltalake(settings.store.path / "customer_history", pa.table(plain, schema=schema), mode="append")


def test_a_version_that_a_gate_refused_is_not_promoted(settings: Settings, register: Callable[..., str]) -> None:
    good, bad = register(mixture()), register(mixture(), [PASSED, REFUSED])
    promotion.promote(settings, good)
    with pytest.raises(ModelError) as refused:
        promotion.promote(settings, bad)
    assert str(refused.value) == (
        "version 2 may not grade: smallest_weight refused: the smallest: 0.01, expected at least 0.02; train anew"
    )
    assert registry.champion(settings.registry_uri, NAME) == good
    assert promotion.models(settings) == {
        "2": {"aliases": [], "as_of": "2011-12-10", "refused": ["smallest_weight"]},
        "1": {"aliases": ["champion"], "as_of": "2011-12-10", "refused": []},
    }


def test_a_version_of_unknown_origin_or_with_unnamed_grades_is_not_promoted(
    settings: Settings, register: Callable[..., str]
) -> None:
    strange = registry.log_and_register(mixture(), settings.registry_uri, NAME, metrics={}, params={}, tags={})
    with pytest.raises(ModelError, match=r"^dangol-grades version 1 has no gates.json; register it with dangol train$"):
        promotion.promote(settings, strange)
    with pytest.raises(ModelError, match=r"grades.names has no names for 4 components; add them$"):
        promotion.promote(settings, register(mixture(components=4)))
    assert registry.champion(settings.registry_uri, NAME) is None


def test_much_churn_must_be_meant(settings: Settings, register: Callable[..., str]) -> None:
    first, near, far = (register(mixture(money)) for money in (0.0, 0.05, -2.0))
    write_history(settings, mixture())
    assert promotion.promote(settings, first).gate.outcome == "not judged"
    assert promotion.promote(settings, near).gate.outcome == "passed"
    with pytest.raises(ModelError, match=r"agreement refused: .*--accept-churn"):
        promotion.promote(settings, far)
    assert registry.champion(settings.registry_uri, NAME) == near
    moved = promotion.promote(settings, far, accept_churn="the shop sells dearer things now")
    assert moved.table is not None
    assert moved.table.to_numpy().sum() == 300
    assert registry.champion(settings.registry_uri, NAME) == far
    version = registry.client(settings.registry_uri).get_model_version(NAME, far)
    assert version.tags["accepted_churn"] == "the shop sells dearer things now"
    assert promotion.rollback(settings) == near
    assert promotion.rollback(settings) == far


def test_no_way_back_from_the_first(settings: Settings, register: Callable[..., str]) -> None:
    promotion.promote(settings, register(mixture()))
    with pytest.raises(ModelError, match=r"has no previous champion to go back to"):
        promotion.rollback(settings)


def test_what_cannot_grade_leaves_the_old_model_and_says_why(settings: Settings, register: Callable[..., str]) -> None:
    uri = settings.registry_uri
    champion = Champion(uri, NAME, settings.grades.names)
    assert (champion.current(), champion.problem) == (None, None)
    promotion.promote(settings, register(mixture()))
    assert champion.current() is not None
    assert champion.version == "1"

    unnamed = register(mixture(components=4))
    registry.client(uri).set_registered_model_alias(NAME, "champion", unnamed)
    assert champion.current() is not None
    assert champion.version == "1"
    assert champion.problem == (
        "dangol-grades version 2 has 4 components and grades.names has no names for so many grades; "
        "add them and start the stream again, or promote another version"
    )
    registry.client(uri).set_registered_model_alias(NAME, "champion", foreign(uri))
    champion.current()
    assert champion.version == "1"
    assert "No such file" in str(champion.problem) or "cannot be used" in str(champion.problem)
    registry.promote(uri, NAME, register(mixture(0.1)))
    champion.current()
    assert (champion.version, champion.problem) == ("4", None)


def foreign(uri: str) -> str:
    """A registered model of somebody else's: another signature, no parameters."""
    mlflow = registry.mlflow_at(uri)

    def double(model_input: list[float]) -> list[float]:
        return [2 * value for value in model_input]

    with mlflow.start_run(experiment_id=registry.experiment(uri, NAME)):
        logged = mlflow.pyfunc.log_model(
            name="other", python_model=double, input_example=[1.0], registered_model_name=NAME, pip_requirements=[]
        )
    return str(logged.registered_model_version)


def test_a_model_with_another_signature_is_not_promoted(
    settings: Settings, register: Callable[..., str], tmp_path: Path
) -> None:
    version = register(mixture())
    [written] = tmp_path.glob("mlartifacts/models/*/artifacts/MLmodel")
    written.write_text(written.read_text().replace("recency_days", "days_since"))
    with pytest.raises(ModelError, match=r"^dangol-grades version 1 has the signature"):
        promotion.promote(settings, version)


def test_boundary_why_what_if_and_grades_of_a_day(
    settings: Settings, register: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    promotion.promote(settings, register(mixture()))
    write_history(settings, mixture(), day=9, batch_id=0)
    write_history(settings, mixture(), day=10, batch_id=1, silence=0)
    people = shoppers()
    scores = score(mixture(), people["recency_days"], people["frequency"], people["monetary"])
    unsure = people["customer_id"][(scores.p_max < 0.6) & (scores.rank == 2)]
    found = explaining.boundary(settings, "골드", 0.6)
    assert {row["customer_id"] for row in found} == set(unsure)
    assert [row["p_max"] for row in found] == sorted(row["p_max"] for row in found)
    store = ["--store", str(settings.store.path), "--set", "shop.timezone=Europe/London"]
    cli.main(["boundary", "--grade", "gold", "--below", "0.6", "--json", *store])
    assert [row["customer_id"] for row in json.loads(capsys.readouterr().out)] == [row["customer_id"] for row in found]
    cli.main(["boundary", "--grade", "gold", "--below", "0.6", *store])
    shown = capsys.readouterr().out
    assert "p_max" in shown
    assert "…" not in shown
    assert shown.rstrip().endswith(f"{len(found)} customers")
    with pytest.raises(SettingsError, match=r"^there is no grade 'Platinum'; choose one of Bronze \(브론즈\), Silver"):
        explaining.boundary(settings, "Platinum", 0.6)

    counts = {name: int((scores.rank == rank).sum()) for rank, name in enumerate(settings.grades.names[3]["en"])}
    assert explaining.grades_on(settings, None) == counts
    assert explaining.grades_on(settings, datetime(2011, 12, 9, tzinfo=UTC).date()) == counts
    assert explaining.grades_on(settings, datetime(2011, 12, 8, tzinfo=UTC).date()) == {}

    cli.main(["grades", "--date", "2011-12-08", *store])
    assert capsys.readouterr().err.startswith("no customer has a grade then")

    silver = people["customer_id"][scores.rank == 1].iloc[0]
    assert explaining.why(settings, silver)["fell_from"] is None
    told = explaining.what_if(settings, silver, "VIP")
    assert (told["wanted"], told["reached"]) == ("VIP", False)
    with pytest.raises(StoreError, match=r"^there is no customer 'nobody'"):
        explaining.what_if(settings, "nobody", "VIP")


def test_without_a_model_promote_says_how_to_make_one(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["promote", "--store", str(settings.store.path)])
    assert capsys.readouterr().err == f"no version of {NAME} is registered; train one with `dangol train`\n"


def test_drift_is_measured_kept_and_told(settings: Settings, register: Callable[..., str]) -> None:
    with pytest.raises(ModelError, match="no champion to measure drift against"):
        measure_drift(settings)
    promotion.promote(settings, register(mixture()))
    write_history(settings, mixture())
    assert max(measure_drift(settings).values()) < 0.05
    assert status(settings)["warnings"] == []
    write_history(settings, mixture(), day=11, batch_id=1, silence=200)
    assert measure_drift(settings)["recency_days"] > 0.25
    told = status(settings)
    assert told["champion"]["drift"]["recency_days"] > 0.25
    assert any(line.startswith("recency_days has drifted far from the training (PSI ") for line in told["warnings"])
