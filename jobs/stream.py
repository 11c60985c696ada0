"""Read orders into events, customer_history and customers: spark-submit jobs/stream.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["stream", *sys.argv[1:]])
