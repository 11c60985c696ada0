from pathlib import Path

import pandas as pd
import pytest

from dangol.grades.parameters import MixtureParameters

GOLDEN = Path(__file__).parents[1] / "data" / "online_retail_rfm_2011-12-10.parquet"


@pytest.fixture(scope="session")
def online_retail() -> pd.DataFrame:
    """The real shop's customers over all its orders, as of 2011-12-10."""
    golden = pd.read_parquet(GOLDEN).rename(columns={"CustomerID": "customer_id", "monetary": "monetary_gross"})
    return golden.assign(customer_id=golden["customer_id"].astype(str), monetary=golden["monetary_net"])


@pytest.fixture(scope="session")
def parameters() -> MixtureParameters:
    """Silver, Gold and VIP of a small shop, rounded from a trained model."""
    return MixtureParameters(
        weights=(0.35, 0.48, 0.17),
        means=((0.9, -0.7, -0.6), (-0.3, 0.1, 0.0), (-1.0, 1.2, 1.2)),
        covariances=(
            ((0.3, 0.02, 0.01), (0.02, 0.2, 0.08), (0.01, 0.08, 0.7)),
            ((0.5, -0.1, -0.05), (-0.1, 0.5, 0.2), (-0.05, 0.2, 0.6)),
            ((0.3, -0.1, -0.05), (-0.1, 1.0, 0.7), (-0.05, 0.7, 1.2)),
        ),
        center=(3.7, 1.6, 7.0),
        scale=(0.95, 0.55, 1.0),
        recency_offset_days=7.0,
    )
