"""Which Java is taken, tried with small scripts that report themselves as Java does."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dangol.edges import java
from dangol.edges.java import bundled_home, java_home, use_java
from dangol.errors import SetupError

MakeJava = Callable[..., Path]

REPORT = """#!/bin/sh
{refuse}
echo '    java.home = {home}' >&2
echo '    java.specification.version = {version}' >&2
"""


@pytest.fixture
def make_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeJava:
    """Makes homes of pretended Javas; the machine's own are hidden."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def make(name: str, version: str, refuses: str = "") -> Path:
        home = tmp_path / name
        (home / "bin").mkdir(parents=True)
        script = home / "bin" / "java"
        refuse = f'case "$*" in *{refuses}*) exit 1;; esac' if refuses else ""
        script.write_text(REPORT.format(home=home, version=version, refuse=refuse))
        script.chmod(0o755)
        return home

    return make


def test_java_home_comes_before_path(make_java: MakeJava, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(make_java("named", "21")))
    monkeypatch.setenv("PATH", str(make_java("on_path", "17") / "bin"))
    assert java_home().name == "named"


def test_a_link_on_path_leads_to_the_home_that_java_reports(
    make_java: MakeJava, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "java").symlink_to(make_java("jdk", "17") / "bin" / "java")
    monkeypatch.setenv("PATH", str(tmp_path / "links"))
    assert java_home() == tmp_path / "jdk"


@pytest.mark.parametrize("version", ["1.8", "11", "16", "26"])
def test_another_version_is_passed_over(version: str, make_java: MakeJava, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(make_java("unfit", version)))
    monkeypatch.setenv("PATH", str(make_java("fit", "25") / "bin"))
    assert java_home().name == "fit"


def test_a_java_that_refuses_the_option_of_sparks_launcher_is_passed_over(
    make_java: MakeJava, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(make_java("slim", "21", refuses="jdk.incubator.vector")))
    monkeypatch.setenv("PATH", str(make_java("whole", "21") / "bin"))
    assert java_home().name == "whole"


def test_a_java_home_without_java_is_passed_over(make_java: MakeJava, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/no/such/folder")
    monkeypatch.setenv("PATH", str(make_java("on_path", "17") / "bin"))
    assert java_home().name == "on_path"


def test_without_a_java_the_bundled_one_runs_with_the_option_of_sparks_launcher(
    make_java: MakeJava, tmp_path: Path
) -> None:
    home = java_home()
    assert home == bundled_home()
    assert home.is_relative_to(tmp_path / "cache" / "dangol" / "java")
    command = [str(home / "bin" / "java"), "--add-modules=jdk.incubator.vector", "-version"]
    assert 'openjdk version "21' in subprocess.run(command, capture_output=True, text=True, check=True).stderr


def test_the_launcher_drops_that_option_alone_and_keeps_odd_arguments(
    make_java: MakeJava, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    echo = tmp_path / "it's here" / "java-runtime" / "bin" / "java"
    echo.parent.mkdir(parents=True)
    echo.write_text("#!/bin/sh\nprintf '<%s>' \"$@\"\n")
    echo.chmod(0o755)
    wheel = type("Spec", (), {"origin": str(tmp_path / "it's here" / "__init__.py")})
    monkeypatch.setattr(java, "find_spec", lambda name: wheel)
    monkeypatch.setattr(java, "trusted_authorities", lambda: [b"DER"])
    home = bundled_home()
    arguments = ["-Xss8m", "--add-modules=jdk.incubator.vector", "", "a  b", "*", "--add-modules=java.sql"]
    done = subprocess.run([str(home / "bin" / "java"), *arguments], capture_output=True, text=True, check=True)
    trust = f"<-Djavax.net.ssl.trustStore={home}/authorities.jks>"
    assert done.stdout == f"{trust}<-Xss8m><><a  b><*><--add-modules=java.sql>"
    assert (home / "authorities.jks").read_bytes().startswith(b"\xfe\xed\xfe\xed")


def test_no_java_at_all_is_said_in_a_sentence(make_java: MakeJava, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "find_spec", lambda name: None)
    with pytest.raises(SetupError, match=r"no Java 17 to 25 was found .* install Java 21, or run \./run\.sh setup"):
        java_home()


def test_use_java_names_it_for_the_processes_to_come(make_java: MakeJava, monkeypatch: pytest.MonkeyPatch) -> None:
    home = make_java("on_path", "21")
    monkeypatch.setenv("PATH", str(home / "bin"))
    monkeypatch.setenv("JAVA_HOME", "/no/such/folder")
    use_java()
    assert os.environ["JAVA_HOME"] == str(home)


def test_a_home_is_made_elsewhere_when_the_cache_cannot_be_written(
    make_java: MakeJava, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file, where a folder would have to be made")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    home = java_home()
    assert home.parent == tmp_path
    assert os.access(home / "bin" / "java", os.X_OK)
