"""What figures share: style, lines, legends, saving."""
