import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("leaks", Path(__file__).parents[2] / "bench" / "leaks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_no_question_is_answered_with_a_customer_outside_its_scope(bench: ModuleType, tmp_path: Path) -> None:
    """bench/leaks.py runs more such cases: look-alike ids, two grades in a sentence, names that are instructions."""
    dice = random.Random(1)  # noqa: S311 - the same cases again
    customers = bench.shop(dice, 40)
    asked = list(bench.cases(dice, customers, 600))
    bench.write(customers, tmp_path / "store")
    ways = {"dangol": bench.scoped(tmp_path / "store"), "vectors": bench.by_vectors(customers)}

    counts = bench.compare(ways, customers, asked)

    assert (counts["dangol"].leaks, counts["dangol"].missed) == (0, 0)
    assert counts["dangol"].found > 1000
    assert counts["vectors"].cases_with_leaks > 300, "the cases are too easy to tell anything"
