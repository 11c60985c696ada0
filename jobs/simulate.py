"""Send orders: spark-submit jobs/simulate.py --help (Spark is not needed: python will do)"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["simulate", *sys.argv[1:]])
