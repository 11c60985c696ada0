import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dangol.edges import registry
from dangol.errors import ModelError
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import score_frame

NAME = "dangol-grades"

pytestmark = pytest.mark.registry


def mixture(mean_of_money: float) -> MixtureParameters:
    round_component = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    return MixtureParameters(
        weights=(0.6, 0.4),
        means=((0.5, -0.5, -1.0), (-0.5, 0.5, mean_of_money)),
        covariances=(round_component, round_component),
        center=(3.7, 1.6, 7.0),
        scale=(0.95, 0.55, 1.0),
        recency_offset_days=7.0,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def uri(home: Path) -> str:
    """A registry with three versions, whose parameters differ, and no alias."""
    uri = f"sqlite:///{home / 'mlflow.db'}"
    for number in (1, 2, 3):
        version = registry.log_and_register(
            mixture(number / 10), uri, NAME, metrics={"customers": 60.0}, params={"components": 2}, tags={"as_of": "x"}
        )
        assert version == str(number)
    return uri


def test_aliases_follow_promotions(uri: str) -> None:
    assert registry.champion(uri, NAME) is None
    registry.promote(uri, NAME, "1")
    assert aliases(uri) == {"champion": "1"}
    registry.promote(uri, NAME, "2")
    registry.promote(uri, NAME, "2")
    assert aliases(uri) == {"champion": "2", "previous": "1"}
    with pytest.raises(ModelError, match="9"):
        registry.promote(uri, NAME, "9")
    assert aliases(uri) == {"champion": "2", "previous": "1"}
    assert registry.champion(uri, NAME) == "2"
    assert registry.champion(uri, "another-model") is None


def aliases(uri: str) -> dict[str, str]:
    found = registry.client(uri).get_registered_model(NAME).aliases
    return {alias: str(version) for alias, version in found.items()}


def test_each_version_keeps_its_parameters(uri: str) -> None:
    assert [registry.load_parameters(uri, NAME, version) for version in "123"] == [mixture(n / 10) for n in (1, 2, 3)]


def test_broken_parameters_are_not_promoted(uri: str, home: Path) -> None:
    version = registry.log_and_register(mixture(0.4), uri, NAME, metrics={}, params={}, tags={})
    written = home.glob("mlartifacts/models/*/artifacts/artifacts/parameters.json")
    newest = max(written, key=lambda file: file.stat().st_mtime_ns)
    newest.write_text("{}")
    before = registry.champion(uri, NAME)
    with pytest.raises(ModelError, match="the model's parameters are not dangol-mixture-1"):
        registry.promote(uri, NAME, version)
    assert registry.champion(uri, NAME) == before


def test_the_registered_model_scores_a_frame(uri: str) -> None:
    model = registry.mlflow_at(uri).pyfunc.load_model(f"models:/{NAME}/3")
    customers = pd.DataFrame(
        {
            "recency_days": [3.0, np.nan],
            "frequency": pd.Series([7, 0], dtype="int64"),
            "monetary": [4310.0, 0.0],
        }
    )
    expected = score_frame(mixture(0.3), customers["recency_days"], customers["frequency"], customers["monetary"])
    pd.testing.assert_frame_equal(model.predict(customers), expected, check_exact=True)
    assert model.metadata.signature.inputs.input_names() == ["recency_days", "frequency", "monetary"]
    assert model.metadata.saved_input_example_info is not None


def test_a_run_is_filed_with_its_model(uri: str, home: Path) -> None:
    run = registry.client(uri).get_run(registry.client(uri).get_model_version(NAME, "1").run_id)
    assert run.data.metrics == {"customers": 60.0}
    assert run.data.params == {"components": "2"}
    assert run.data.tags["as_of"] == "x"
    files = {path.name for path in home.rglob("*") if path.is_file()}
    assert {"mlflow.db", "parameters.json", "logged_model.py", "MLmodel"} <= files
    assert not [name for name in files if name.endswith((".pkl", ".lock"))]
    assert sorted(path.name for path in home.iterdir()) == ["mlartifacts", "mlflow.db"]


def test_asking_a_registry_that_is_not_there_creates_nothing(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    assert registry.champion(uri, NAME) is None
    with pytest.raises(ModelError, match="train a model first"):
        registry.load_parameters(uri, NAME, "1")
    with pytest.raises(ModelError, match="train a model first"):
        registry.promote(uri, NAME, "1")
    assert list(tmp_path.iterdir()) == []


def test_a_registry_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(ModelError, match=r"the model registry .* cannot be used: .*not a database"):
        registry.champion(f"sqlite:///{tmp_path / 'mlflow.db'}", NAME)


def test_a_registry_that_is_down_is_named_without_its_password() -> None:
    with socket.socket() as taken:  # bound, not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(ModelError, match="cannot be used") as failure:
            registry.champion(f"http://shop:s3cret@127.0.0.1:{port}", NAME)
    assert "s3cret" not in str(failure.value)
    assert str(port) in str(failure.value)


def test_importing_it_imports_neither_mlflow_nor_scikit_learn() -> None:
    code = "import sys, dangol.edges.registry; print({'mlflow', 'sklearn'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "set()\n"


def test_training_is_quiet(tmp_path: Path, uri: str) -> None:
    code = f"""
from dangol.edges import registry
from dangol.grades.parameters import MixtureParameters
parameters = registry.load_parameters({uri!r}, {NAME!r}, "1")
registry.log_and_register(parameters, {uri!r}, {NAME!r}, metrics={{}}, params={{}}, tags={{}})
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == []
