"""Bring late orders into customer_days: spark-submit jobs/repair_days.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["repair-days", *sys.argv[1:]])
