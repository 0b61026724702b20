"""What the entry point runs in a checkout, or where the merged module is torn: the tick of the readable files."""

import sys

if __name__ == "__main__":
    sys.path.append(__file__[:-23])  # behind the standard library, which is all that -I and -S leave
    from statusline.tick import main

    main(sys.argv[1:])
