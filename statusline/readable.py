"""Runs the tick from the readable files: in a checkout, and where the merged module is torn."""

import sys

if __name__ == "__main__":
    # The folder of the packages: __file__ is still that of __main__.py. Behind the standard library.
    sys.path.append(__file__[:-23])
    from statusline.tick import main

    main(sys.argv[1:])
