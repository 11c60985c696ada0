"""Fit the mixture on the customers of now and register it: spark-submit ml/train.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["train", *sys.argv[1:]])
