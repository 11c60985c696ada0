"""Have every customer written anew, once a day: spark-submit jobs/tick.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["tick", *sys.argv[1:]])
