"""Bring the orders of a file into the tables: spark-submit jobs/backfill.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["backfill", *sys.argv[1:]])
