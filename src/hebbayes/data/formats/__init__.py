"""One file per format: ``read_*`` takes a path, ``from_*`` an object, ``to_*`` writes.

Foreign objects are taken by their attributes; optional packages are imported inside their reader.
"""
