"""Send rejected messages again: spark-submit jobs/replay_rejected.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["replay-rejected", *sys.argv[1:]])
