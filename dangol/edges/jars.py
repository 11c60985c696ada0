"""The Java libraries that no wheel carries, fetched once from Maven Central into the user's cache by Spark's Ivy."""

import os
import re
import subprocess
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from dangol.edges.java import cache_folder, java_home
from dangol.errors import SetupError

KAFKA = "4.1.1"

SETTINGS = """<ivysettings>
  <settings defaultResolver="central"/>
  <timeout-constraints>
    <timeout-constraint name="patience" connectionTimeout="10000" readTimeout="60000"/>
  </timeout-constraints>
  <resolvers><ibiblio name="central" m2compatible="true" timeoutConstraint="patience"/></resolvers>
</ivysettings>
"""

MODULE = """<ivy-module version="2.0">
  <info organisation="dangol" module="jars"/>
  <configurations><conf name="default"/></configurations>
  <dependencies>
    {dependencies}
    {exclusions}
  </dependencies>
</ivy-module>
"""


def spark_jars() -> Path:
    """The folder of Delta Lake's and the Kafka source's jars, without any that pyspark ships. Raises SetupError."""
    spark, delta = version("pyspark"), version("delta-spark")
    series = spark.rpartition(".")[0]
    coordinates = [
        f"io.delta:delta-spark_{series}_2.13:{delta}",
        f"org.apache.spark:spark-sql-kafka-0-10_2.13:{spark}",
    ]
    shipped = {artifact(jar) for jar in pyspark_jars().glob("*.jar")}
    # "shims" belongs to the older RoaringBitmap that Delta names and pyspark replaces
    return fetched(f"spark-{spark}-delta-{delta}", coordinates, without=shipped | {"shims"})


def broker_jars() -> Path:
    """The folder of Apache Kafka's jars. Raises SetupError."""
    coordinates = [f"org.apache.kafka:kafka_2.13:{KAFKA}", "org.slf4j:slf4j-simple:1.7.36"]
    return fetched(f"kafka-{KAFKA}", coordinates, without=set())


def fetched(name: str, coordinates: list[str], without: set[str]) -> Path:
    """The cached folder `name`; it is there only when complete, for it arrives by one rename."""
    folder = cache_folder() / "jars" / name
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder.parent) as work:
        resolve(Path(work), coordinates, without)
        try:
            os.rename(Path(work, "jars"), folder)
        except OSError:
            if not folder.is_dir():  # else another set-up was quicker
                raise
    return folder


def resolve(work: Path, coordinates: list[str], without: set[str]) -> None:
    """Fill work/jars with the jars at `coordinates` and what they depend on. Raises SetupError."""
    (work / "settings.xml").write_text(SETTINGS)
    (work / "ivy.xml").write_text(module(coordinates, without))
    ivy = next(pyspark_jars().glob("ivy-*.jar"))
    command = [
        *(str(java_home() / "bin" / "java"), "-Xmx256m", "-jar", str(ivy), "-warn"),
        *("-settings", str(work / "settings.xml"), "-ivy", str(work / "ivy.xml"), "-cache", str(work / "cache")),
        *("-confs", "default", "-retrieve", f"{work}/jars/[artifact]-[revision](-[classifier]).[ext]"),
    ]
    log = cache_folder() / "ivy.log"
    with log.open("w") as output:
        failed = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    if failed:
        raise SetupError(
            f"{' and '.join(coordinates)} could not be fetched from Maven Central; "
            f"check the network and the free disk, then try again (Ivy's own words are in {log})"
        )


def module(coordinates: list[str], without: set[str]) -> str:
    """An Ivy file that asks for `coordinates` and never for the artifacts named in `without`."""
    wanted = [coordinate.split(":") for coordinate in coordinates]
    return MODULE.format(
        dependencies="\n    ".join(
            f'<dependency org="{org}" name="{name}" rev="{revision}" conf="default"/>' for org, name, revision in wanted
        ),
        exclusions="\n    ".join(f'<exclude module="{name}"/>' for name in sorted(without)),
    )


def artifact(jar: Path) -> str:
    """The artifact's name in a jar's file name: jackson-core for jackson-core-2.21.2.jar."""
    return re.split(r"-\d", jar.stem, maxsplit=1)[0]


def pyspark_jars() -> Path:
    """The folder of the jars that pyspark ships. Raises SetupError."""
    package = find_spec("pyspark")
    if package is None or package.origin is None:
        raise SetupError("the pyspark package is not installed; run ./run.sh setup")
    return Path(package.origin).parent / "jars"
