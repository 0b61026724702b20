"""From segments to rows of text: order, width, colors and signs; all of it hot."""
