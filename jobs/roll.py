"""Rebuild when the state is old enough: spark-submit jobs/roll.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["roll", *sys.argv[1:]])
