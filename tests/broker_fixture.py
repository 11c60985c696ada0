from collections.abc import Iterator

import pytest

from dangol.edges.broker import LocalBroker, free_port

CONNECTION_STRING = "Endpoint=sb://localhost/;SharedAccessKeyName=test;SharedAccessKey=dGVzdA=="


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """The one broker of the run, with the topic `orders` in it."""
    with LocalBroker(tmp_path_factory.mktemp("broker"), free_port(), CONNECTION_STRING, topic="orders") as running:
        yield running
