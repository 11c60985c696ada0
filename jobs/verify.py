"""Recompute every customer from events and compare: spark-submit jobs/verify.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["verify", *sys.argv[1:]])
