"""Make the checkpoints anew from events: spark-submit jobs/rebuild.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["rebuild", *sys.argv[1:]])
