from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

pytest_plugins = [
    "answers_fixture",
    "broker_fixture",
    "browser_fixture",
    "event_hubs_fixture",
    "shop_fixture",
    "store_fixture",
    "summaries_fixture",
    "sources_fixture",
]


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """The one Spark session of the run."""
    from dangol.edges.session import spark_session

    session = spark_session()
    session.conf.set("spark.sql.codegen.wholeStage", "false")  # compiling takes longer than so few rows
    yield session
    session.stop()
