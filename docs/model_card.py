"""Write ml/README.md, the model card, from trainings on real orders as of three dates: python docs/model_card.py"""

import tempfile
from datetime import date
from pathlib import Path

from dangol.edges.session import spark_session
from dangol.edges.simulate import Faults, messages, orders, producer, real_orders, send, speed_of
from dangol.edges.store import TableStore
from dangol.edges.stream import run_stream
from dangol.edges.training import train
from dangol.grades.card import card
from dangol.settings import load_settings

DATES = (date(2011, 6, 10), date(2011, 9, 10), date(2011, 12, 10))
INTRODUCTION = """\
# The model card

Written by `python docs/model_card.py`; change that file or `dangol/grades/card.py`, not this one.

**What it is.** A Gaussian mixture with full covariances over log(recency + 7 days), log(1 + frequency) and log(1 +
net money) of the customers with two or more purchases in a window of 365 days, its components ordered by money. Who
bought once has the lowest grade by rule, who did not buy in the window has none. A posterior is the probability of
*belonging* to a grade. It is not a probability of leaving, and not a forecast of spend: the honest tables show what
simpler orders of customers achieve.

**What it is for.** Grades that marketers can act on and explain. **Not for** decisions about single people that have
legal or similar effects, and not for shops whose customers buy once.

**Known oddity.** For the same recency and frequency a grade need not rise with money: the component of the best
customers is the widest, so a few who order often and lately for very little are nearer to it than to any other (the
picture `boundaries` of a run shows where). No real return has promoted anybody so far; a gate watches it.

**Data.** Online Retail (Chen 2015, UCI Machine Learning Repository, CC BY 4.0): a British gift shop, 2010-12-01 to
2011-12-09, see [data](../data/README.md). Before 2011-12 the window is not yet full. Recency, frequency and money
come from `events` by the stream's own functions, from the orders before the date alone.
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        inbox = Path(folder, "orders")
        settings = load_settings(
            overrides={
                "store.path": Path(folder, "store"),
                "source.kind": "files",
                "source.path": inbox,
                "shop.timezone": "Europe/London",
                "shop.currency": "GBP",
                "clock.now": "2011-12-10T00:00:00",
            }
        )
        real = orders(real_orders(), shift_to_now=False, zone=settings.shop.zone)
        send(messages(real, Faults()), producer("files", inbox, settings), speed_of("max"), lambda _count: None)
        spark = spark_session()
        run_stream(spark, settings, available_now=True)
        store = TableStore(spark, settings.store.path)
        names = settings.grades.names[settings.grades.components]["en"]
        cards = [card(train(store, settings, day).study, names) for day in DATES]
    (Path(__file__).parents[1] / "ml" / "README.md").write_text("\n".join([INTRODUCTION, *cards]), "utf-8")


if __name__ == "__main__":
    main()
