"""Measure how far the customers are from those of the training: spark-submit jobs/drift.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["drift", *sys.argv[1:]])
