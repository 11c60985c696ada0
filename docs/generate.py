"""Writes docs/tables.md from dangol/tables.py: python docs/generate.py"""

from pathlib import Path

from dangol.tables import SEED, TABLES, Table

PAGE = Path(__file__).with_name("tables.md")

INTRODUCTION = """\
# The tables

Written by `python docs/generate.py` from [dangol/tables.py](../dangol/tables.py); change that file, not this one.

Each table is a Delta table: a folder of its name under the store. Money is exact, in 1/10000 of the shop's currency.
Times are UTC instants; a calendar day is the shop's (`shop.timezone`). A *purchase* is a placed, not cancelled order
with an amount above 0. The *window* is the last `rfm.window_days` days, today included. A customer with returns alone
has a row, with frequency 0 and no recency; counts of customers mean frequency > 0.

`customers_live`, one customer now, is a view without a folder: of `customers` and the rows of `customer_history` after
it, the newest row of each customer. Its text is `CUSTOMERS_LIVE` in the same file and runs on Spark and on DuckDB.
"""


def tables_page() -> str:
    return "\n".join([INTRODUCTION, *map(section, (*TABLES, SEED))])


def section(table: Table) -> str:
    names = ", ".join(f"`{name}`" for name in table.partitioned_by)
    partitions = f" **Partitioned by** {names}." if names else ""
    rows = "\n".join(f"| `{column.name}` | `{column.type}` | {column.meaning} |" for column in table.columns)
    return f"""\
## {table.name}

**One row:** {table.row}. **Written by** {table.written_by}: {table.how}.{partitions}

| column | type | meaning |
|---|---|---|
{rows}
"""


if __name__ == "__main__":
    PAGE.write_text(tables_page(), "utf-8")
