"""Set-up of this machine: a Java, the jars, and a Spark that starts from this environment without an option."""

import os
import shlex
import sys
from contextlib import suppress
from pathlib import Path

from dangol.edges.jars import broker_jars, pyspark_jars, spark_jars
from dangol.edges.java import java_home
from dangol.edges.terminal import step
from dangol.errors import SetupError

DEFAULTS = """\
# Written by `dangol setup`: what a Spark driver needs before its JVM starts. The rest is set by the session.
spark.driver.extraClassPath {jars}/*
spark.driver.extraJavaOptions -Xss8m
spark.driver.memory 3g
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.pyspark.python {python}
spark.ui.enabled false
"""

ENVIRONMENT = """\
# Written by `dangol setup`: the Java that it found.
if [ -x {java}/bin/java ]; then JAVA_HOME={java}; fi
"""

LOGGING = """\
# Written by `dangol setup`: errors go to stderr; Spark's warnings would bury them.
rootLogger.level = error
logger.python.name = org.apache.spark.api.python.PythonGatewayServer
logger.python.level = error
logger.shell.name = org.apache.spark.repl.Main
logger.shell.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n%ex
"""


def set_up() -> None:
    """Make the machine ready and say so on stderr, step by step with times; quick when nothing is missing.

    Raises SetupError when a piece is missing that only the user can add.
    """
    try:
        with step("Java"):
            java = java_home()
        with step("Spark's jars"):
            jars = spark_jars()
        with step("the broker's jars"):
            broker_jars()
        with step("Spark's configuration"):
            configure_spark(pyspark_jars().parent / "conf", java, jars)
    except OSError as error:
        raise SetupError(
            f"{error.filename or 'a file'} could not be written ({error.strerror}); "
            "free disk space or allow writing there, then run the set-up again"
        ) from error


def give_way() -> None:
    """Has this process and its children run when others leave a core free.

    Linux may weigh sessions against each other before the processes of each, and `nice` counts within one alone. So a
    process that leads its own session, which is then nobody else's, also makes that one give way.
    """
    os.nice(19)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # other systems have no such file
            Path("/proc/self/autogroup").write_text("19", "ascii")


def configure_spark(folder: Path, java: Path, jars: Path) -> None:
    """Write into `folder` what spark-submit reads: its defaults, its environment and its logging."""
    folder.mkdir(exist_ok=True)
    (folder / "spark-defaults.conf").write_text(DEFAULTS.format(jars=jars, python=sys.executable))
    (folder / "spark-env.sh").write_text(ENVIRONMENT.format(java=shlex.quote(str(java))))
    (folder / "log4j2.properties").write_text(LOGGING)
