"""Serve the page: python rag/app.py --help"""

import sys

from dangol.cli import main

if __name__ == "__main__":
    main(["page", *sys.argv[1:]])
