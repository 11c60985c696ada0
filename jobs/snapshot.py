"""Rewrite customers from the history: spark-submit jobs/snapshot.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["snapshot", *sys.argv[1:]])
