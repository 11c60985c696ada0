"""Write grade changes, and tell others of them: spark-submit jobs/changes.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["changes", *sys.argv[1:]])
