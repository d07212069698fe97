"""A derivation as text, LaTeX, MathML, HTML or a record."""
