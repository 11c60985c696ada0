from collections.abc import Callable
from itertools import count

import pytest
from faults.traffic import Topic

from dangol.edges.broker import LocalBroker

NUMBERS = count(1)


@pytest.fixture(scope="session")
def topic(broker: LocalBroker) -> Callable[[], Topic]:
    """Makes topics, each with nothing in it."""
    return lambda: Topic(broker, f"faults-{next(NUMBERS)}")
