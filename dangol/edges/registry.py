"""Registered models: MLflow on sqlite beside the store, or `databricks-uc`.

MLflow takes seconds to import, so it is imported when a function is first called.
"""

import logging
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, suppress
from functools import lru_cache
from importlib.metadata import version as installed_version
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pandas as pd

from dangol.errors import ModelError
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import score_frame

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from mlflow.models import ModelSignature

CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"

PARAMETERS_FILE, GATES_FILE, REFERENCE_FILE = "parameters.json", "gates.json", "reference.json"

SQLITE = "sqlite:///"

ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_UV_AUTO_DETECT": "false",  # or it files the lock file of the folder that it runs in with each model
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",  # a registry that is down must not hold a micro-batch for minutes
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}

EXAMPLE = pd.DataFrame(
    {"recency_days": [3.0, 40.0, 200.0], "frequency": [7, 2, 1], "monetary": [4310.0, 320.5, 75.0]},
)


def log_and_register(
    parameters: MixtureParameters,
    uri: str,
    name: str,
    *,
    metrics: Mapping[str, float],
    params: Mapping[str, object],
    tags: Mapping[str, str],
    files: Path | None = None,
) -> str:
    """Logs one training run with its model and registers the model; no alias moves. Returns the new version.

    The model is the file logged_model.py and the parameters as JSON; `files`, a folder, lies beside it in the run. A
    missing sqlite registry is created, with its artifacts in the folder mlartifacts beside it. Raises ModelError if the
    registry cannot be used.
    """
    with usable(uri), tempfile.TemporaryDirectory() as folder:
        create(uri)
        mlflow = mlflow_at(uri)
        parameters_file = Path(folder, PARAMETERS_FILE)
        parameters_file.write_text(parameters.to_json(), "utf-8")
        with redirect_stderr(StringIO()), mlflow.start_run(experiment_id=experiment(uri, name)):
            mlflow.log_params(dict(params))
            mlflow.log_metrics(dict(metrics))
            mlflow.set_tags(dict(tags))
            if files:
                mlflow.log_artifacts(str(files))
            logged = mlflow.pyfunc.log_model(
                name="grades",
                python_model=Path(__file__).with_name("logged_model.py"),
                artifacts={"parameters": str(parameters_file)},
                signature=signature(parameters),
                input_example=EXAMPLE,
                pip_requirements=[f"dangol=={installed_version('dangol')}"],
                registered_model_name=name,
            )
        return str(logged.registered_model_version)


def challenge(uri: str, name: str, version: str) -> None:
    """Moves the alias challenger to a version: the newest that was trained, whatever its gates say."""
    with usable(uri):
        client(uri).set_registered_model_alias(name, CHALLENGER, version)


def promote(uri: str, name: str, version: str) -> None:
    """Moves the alias champion to a version, and previous to the champion so far; nothing if it is champion already.

    Raises ModelError if the version does not exist or holds no valid parameters, and then moves no alias.
    """
    load_parameters(uri, name, version)
    old = champion(uri, name)
    if old == version:
        return
    with usable(uri):
        if old is not None:
            client(uri).set_registered_model_alias(name, PREVIOUS, old)
        client(uri).set_registered_model_alias(name, CHAMPION, version)


def rollback(uri: str, name: str) -> str:
    """Makes the previous champion the champion again, and the champion the previous one; the version that grades now.

    Raises ModelError if there is no previous one, or it holds no valid parameters, and then moves no alias.
    """
    before = aliased(uri, name, PREVIOUS)
    if before is None:
        raise ModelError(f"{name} has no previous champion to go back to; dangol promote lists its versions")
    promote(uri, name, before)
    return before


def champion(uri: str, name: str) -> str | None:
    """The version that the alias champion names, as `aliased`."""
    return aliased(uri, name, CHAMPION)


def aliased(uri: str, name: str, alias: str) -> str | None:
    """The version that an alias names; None without a registry, a model or the alias. Creates nothing.

    Raises ModelError if there is a registry and it cannot be read.
    """
    file = sqlite_file(uri)
    if file and not file.is_file():
        return None
    with usable(uri):
        from mlflow.exceptions import MlflowException

        try:
            return str(client(uri).get_model_version_by_alias(name, alias).version)
        except MlflowException as error:
            if is_missing(error):
                return None
            raise


def champion_parameters(uri: str, name: str) -> tuple[str, MixtureParameters] | None:
    """The version that the alias champion names, and its parameters; None without a champion.

    Raises ModelError as `champion` and `load_parameters`.
    """
    version = champion(uri, name)
    return None if version is None else (version, load_parameters(uri, name, version))


@lru_cache(maxsize=8)
def load_parameters(uri: str, name: str, version: str) -> MixtureParameters:
    """The parameters of a registered version, read once per process: a version never changes.

    Raises ModelError if they cannot be read, are no valid parameters, or the model takes or gives other columns.
    """
    file = sqlite_file(uri)
    if file and not file.is_file():
        raise ModelError(f"there is no model registry at {file}; train a model first with `dangol train`")
    with usable(uri), tempfile.TemporaryDirectory() as folder:
        downloaded = Path(mlflow_at(uri).artifacts.download_artifacts(f"models:/{name}/{version}", dst_path=folder))
        parameters = MixtureParameters.from_json((downloaded / "artifacts" / PARAMETERS_FILE).read_text("utf-8"))
        refuse_signature(downloaded, parameters, f"{name} version {version}")
        return parameters


def refuse_signature(model: Path, parameters: MixtureParameters, called: str) -> None:
    """Raises ModelError if a downloaded model does not declare the columns that the scorer takes and gives."""
    from mlflow.models import Model

    found, expected = Model.load(str(model)).signature, signature(parameters)
    if found != expected:
        raise ModelError(
            f"{called} has the signature {found}, and a grade model has {expected}; register it with dangol train"
        )


def run_file(uri: str, name: str, version: str, file: str) -> str:
    """The text of a file beside the model of a version. Raises ModelError if the version or the file is missing."""
    with usable(uri), tempfile.TemporaryDirectory() as folder:
        run = run_of(uri, name, version)
        if file not in {entry.path for entry in client(uri).list_artifacts(run)}:
            raise ModelError(f"{name} version {version} has no {file}; register it with dangol train")
        return Path(client(uri).download_artifacts(run, file, folder)).read_text("utf-8")


def log_metrics(uri: str, name: str, version: str, metrics: Mapping[str, float], step: int) -> None:
    """Adds metrics to the run that a version was trained in; `step` orders them, such as a day."""
    with usable(uri):
        run = run_of(uri, name, version)
        for metric, value in metrics.items():
            client(uri).log_metric(run, metric, value, step=step)


def run_metrics(uri: str, name: str, version: str) -> dict[str, float]:
    """The newest value of each metric of the run that a version was trained in."""
    with usable(uri):
        return dict(client(uri).get_run(run_of(uri, name, version)).data.metrics)


def run_of(uri: str, name: str, version: str) -> str:
    """The id of the run that a version was trained in. Raises ModelError if it has none."""
    run = client(uri).get_model_version(name, version).run_id
    if not run:
        raise ModelError(f"{name} version {version} comes from no run; register it with dangol train")
    return str(run)


def tag(uri: str, name: str, version: str, key: str, value: str) -> None:
    """Sets a tag on a version."""
    with usable(uri):
        client(uri).set_model_version_tag(name, version, key, value)


def versions(uri: str, name: str) -> list[dict[str, Any]]:
    """{version, aliases, as_of, gates} of each registered version, the newest first; [] without a registry."""
    file = sqlite_file(uri)
    if file and not file.is_file():
        return []
    with usable(uri):
        aliases = {alias: aliased(uri, name, alias) for alias in (CHAMPION, CHALLENGER, PREVIOUS)}
        found = client(uri).search_model_versions(f"name = '{name}'")
        return [
            {
                "version": str(version.version),
                "aliases": [alias for alias, named in aliases.items() if named == str(version.version)],
                **described(uri, version.run_id),
            }
            for version in sorted(found, key=lambda version: -int(version.version))
        ]


def described(uri: str, run: str | None) -> dict[str, Any]:
    """{as_of, refused}: the day that a run was trained as of, and the gates that refused its model."""
    tags = client(uri).get_run(run).data.tags if run else {}
    refused = [name for name, said in tags.items() if name.startswith("gate.") and " refused: " in said]
    return {"as_of": tags.get("as_of"), "refused": [name.removeprefix("gate.") for name in refused]}


@contextmanager
def usable(uri: str) -> Iterator[None]:
    """Turns any failure of the registry into a ModelError that says what failed, without a password."""
    quiet_mlflow()
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, OSError) as error:
        first_line = str(error).partition("\n")[0]
        raise ModelError(without_password(f"the model registry {uri} cannot be used: {first_line}")) from None


def without_password(text: str) -> str:
    return re.sub(r"//[^/@\s]*@", "//", text)


def quiet_mlflow() -> ModuleType:
    """MLflow without telemetry, progress bars and the log of its migrations."""
    for variable, value in ENVIRONMENT.items():
        os.environ.setdefault(variable, value)
    import mlflow

    for logger in ("mlflow", "alembic"):
        logging.getLogger(logger).setLevel(logging.ERROR)
    return mlflow


@lru_cache(maxsize=8)
def client(uri: str) -> "MlflowClient":
    made: MlflowClient = quiet_mlflow().MlflowClient(tracking_uri=tracking(uri), registry_uri=uri)
    return made


def tracking(uri: str) -> str:
    """Where the runs of a registry are: Databricks keeps models in Unity Catalog and runs beside it."""
    return uri.replace("databricks-uc", "databricks", 1)


def mlflow_at(uri: str) -> ModuleType:
    """MLflow whose process-wide settings name this registry: runs and downloads know no other way."""
    mlflow = quiet_mlflow()
    mlflow.set_tracking_uri(tracking(uri))
    mlflow.set_registry_uri(uri)
    return mlflow


def signature(parameters: MixtureParameters) -> "ModelSignature":
    """Recency is a double, for it may be null; MLflow widens whole numbers of 32 bits to it."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    taken = {"recency_days": "double", "frequency": "long", "monetary": "double"}
    given = score_frame(parameters, EXAMPLE["recency_days"], EXAMPLE["frequency"], EXAMPLE["monetary"])
    return ModelSignature(
        Schema([ColSpec(kind, column) for column, kind in taken.items()]),
        Schema([ColSpec("double", column) for column in given.columns]),
    )


def experiment(uri: str, name: str) -> str:
    """The id of the experiment that holds the runs of a model, which is created if need be."""
    path = f"/Shared/{name}" if uri.startswith("databricks") else name
    found = client(uri).get_experiment_by_name(path)
    if found:
        return str(found.experiment_id)
    file = sqlite_file(uri)
    artifacts = (file.absolute().parent / "mlartifacts").as_uri() if file else None
    return str(client(uri).create_experiment(path, artifact_location=artifacts))


def create(uri: str) -> None:
    """A missing sqlite registry appears complete: readers who poll for it never meet a half-migrated file."""
    file = sqlite_file(uri)
    if file is None or file.is_file():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        fresh = Path(folder, file.name)
        quiet_mlflow().MlflowClient(tracking_uri=f"{SQLITE}{fresh}").search_experiments(max_results=1)
        with suppress(FileExistsError):
            os.link(fresh, file)


def sqlite_file(uri: str) -> Path | None:
    """The file of a sqlite registry; None for a server."""
    return Path(uri.removeprefix(SQLITE)) if uri.startswith(SQLITE) else None


def is_missing(error: "MlflowException") -> bool:
    """Whether the registry said that a model or an alias does not exist."""
    return error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
