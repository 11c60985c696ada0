"""Make a registered version the champion: spark-submit ml/promote.py VERSION"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["promote", *sys.argv[1:]])
