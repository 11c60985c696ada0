"""Compact and clean the tables, once a day or more often: spark-submit jobs/maintain.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["maintain", *sys.argv[1:]])
