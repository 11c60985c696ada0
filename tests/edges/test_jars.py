"""The cache of jars, with a pretended Java in the place of Ivy."""

from pathlib import Path

import pytest

from dangol.edges import jars
from dangol.errors import SetupError

FILLS = """#!/bin/sh
for pattern do :; done
mkdir -p "${pattern%/*}"
echo jar >"${pattern%/*}/a-1.0.jar"
"""
FAILS = "#!/bin/sh\necho unresolved dependency\nexit 1\n"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "dangol"


def pretend(java: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = folder / "bin" / "java"
    script.parent.mkdir(exist_ok=True)
    script.write_text(java)
    script.chmod(0o755)
    monkeypatch.setattr(jars, "java_home", lambda: folder)


def test_jars_arrive_whole_and_are_not_fetched_again(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(FILLS, tmp_path, monkeypatch)
    folder = jars.broker_jars()
    assert folder == cache / "jars" / "kafka-4.1.1"
    assert [jar.name for jar in folder.iterdir()] == ["a-1.0.jar"]
    pretend(FAILS, tmp_path, monkeypatch)
    assert jars.broker_jars() == folder


def test_a_failed_fetch_leaves_nothing_and_the_next_one_succeeds(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(FAILS, tmp_path, monkeypatch)
    with pytest.raises(
        SetupError, match=r"kafka_2\.13:4\.1\.1 .*could not be fetched from Maven Central; check the network"
    ):
        jars.broker_jars()
    assert list((cache / "jars").iterdir()) == []
    assert (cache / "ivy.log").read_text() == "unresolved dependency\n"
    pretend(FILLS, tmp_path, monkeypatch)
    assert jars.broker_jars().is_dir()


def test_a_set_up_that_was_quicker_wins(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rival = cache / "jars" / "kafka-4.1.1"
    pretend(FILLS + f"mkdir -p '{rival}'\necho rival >'{rival}/b-1.0.jar'\n", tmp_path, monkeypatch)
    assert [jar.name for jar in jars.broker_jars().iterdir()] == ["b-1.0.jar"]
    assert [folder.name for folder in (cache / "jars").iterdir()] == ["kafka-4.1.1"]


def test_spark_and_delta_are_asked_for_in_the_installed_versions_and_without_what_pyspark_ships(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, object] = {}
    monkeypatch.setattr(jars, "fetched", lambda name, coordinates, without: asked.update(locals()) or Path(name))
    assert jars.spark_jars() == Path("spark-4.2.0-delta-4.4.0")
    assert asked["coordinates"] == [
        "io.delta:delta-spark_4.2_2.13:4.4.0",
        "org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0",
    ]
    assert {"jackson-databind", "scala-library", "hadoop-client-api", "slf4j-api"} <= set(asked["without"])


def test_the_ivy_file_names_what_is_wanted_and_what_is_not() -> None:
    assert jars.module(["org.a:b_2.13:1.0"], {"y", "x"}) == (
        '<ivy-module version="2.0">\n'
        '  <info organisation="dangol" module="jars"/>\n'
        '  <configurations><conf name="default"/></configurations>\n'
        "  <dependencies>\n"
        '    <dependency org="org.a" name="b_2.13" rev="1.0" conf="default"/>\n'
        '    <exclude module="x"/>\n'
        '    <exclude module="y"/>\n'
        "  </dependencies>\n"
        "</ivy-module>\n"
    )


@pytest.mark.parametrize(
    ("jar", "name"),
    [
        ("jackson-core-2.21.2.jar", "jackson-core"),
        ("spark-sql_2.13-4.2.0.jar", "spark-sql_2.13"),
        ("log4j-1.2-api-2.25.4.jar", "log4j"),
        ("hive-exec-2.3.10-core.jar", "hive-exec"),
    ],
)
def test_the_artifact_is_what_stands_before_the_version(jar: str, name: str) -> None:
    assert jars.artifact(Path(jar)) == name
