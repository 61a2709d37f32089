"""Pure renderers: values, a width and a glyph set in, lines out. Nothing here knows Textual."""
