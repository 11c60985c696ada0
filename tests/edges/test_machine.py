import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dangol.edges import machine
from dangol.edges.jars import spark_jars
from dangol.edges.java import java_home
from dangol.edges.machine import configure_spark, set_up
from dangol.errors import SetupError

DELTA_JOB = """
import sys
from dangol.edges.session import spark_session

spark = spark_session()
spark.range(3).write.format("delta").save(sys.argv[1])
rows = spark.read.format("delta").load(sys.argv[1]).collect()
python = spark.range(1).rdd.map(lambda row: __import__("sys").prefix).first()
print(sorted(row.id for row in rows), python, spark.conf.get("spark.driver.memory"))
"""


def test_spark_is_told_its_jars_its_python_and_its_java(tmp_path: Path) -> None:
    configure_spark(tmp_path, java=Path("/opt/my java"), jars=Path("/cache/jars"))
    configure_spark(tmp_path, java=Path("/opt/my java"), jars=Path("/cache/jars"))
    defaults = (tmp_path / "spark-defaults.conf").read_text()
    assert "\nspark.driver.extraClassPath /cache/jars/*\n" in defaults
    assert f"\nspark.pyspark.python {sys.executable}\n" in defaults
    environment = (tmp_path / "spark-env.sh").read_text()
    assert "if [ -x '/opt/my java'/bin/java ]; then JAVA_HOME='/opt/my java'; fi" in environment


def test_a_full_disk_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/cache/jars")

    monkeypatch.setattr(machine, "java_home", lambda: Path("/opt/java"))
    monkeypatch.setattr(machine, "spark_jars", full)
    with pytest.raises(SetupError, match=r"/cache/jars could not be written \(No space left on device\); free disk"):
        set_up()


AUTOGROUP = Path("/proc/self/autogroup")
GIVES_WAY = """
import os, pathlib
from dangol.edges.machine import give_way
give_way()
print(os.nice(0), pathlib.Path("/proc/self/autogroup").read_text(), end="")
"""


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this system does not weigh sessions")
@pytest.mark.parametrize("own_session", [True, False])
def test_who_gives_way_takes_the_own_session_along_and_no_other(own_session: bool) -> None:
    before = AUTOGROUP.read_text()  # empty for who was started outside of any session
    told = subprocess.check_output([sys.executable, "-c", GIVES_WAY], start_new_session=own_session, text=True)
    nice, group = told.split(" ", 1)
    assert nice == "19"
    assert group.endswith(" nice 19\n") if own_session else group == before
    assert AUTOGROUP.read_text() == before


@pytest.mark.spark
def test_a_plain_spark_submit_writes_and_reads_delta_and_stays_silent(tmp_path: Path) -> None:
    configure_spark(tmp_path / "conf", java_home(), spark_jars())
    (tmp_path / "job.py").write_text(DELTA_JOB)
    done = subprocess.run(
        ["spark-submit", "job.py", str(tmp_path / "table")],
        cwd=tmp_path,
        env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "SPARK_CONF_DIR": str(tmp_path / "conf")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"[0, 1, 2] {sys.prefix} 3g\n", done.stderr
    assert [line for line in done.stderr.splitlines() if "incubator" not in line] == []
