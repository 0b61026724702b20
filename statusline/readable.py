"""Runs the tick from the readable files: in a checkout, and where the merged module is torn."""

import sys

from statusline.tick import main

if __name__ == "__main__":
    main(sys.argv[1:])
