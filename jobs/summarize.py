"""Keep the summaries of customers, grades and movements: spark-submit jobs/summarize.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["summarize", *sys.argv[1:]])
