"""Send the changes again that could not be sent, by hand: spark-submit jobs/redeliver.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["redeliver", *sys.argv[1:]])
