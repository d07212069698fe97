"""One module or folder per format: ``read_*`` takes a path, ``from_*`` an object, ``to_*`` writes.

Objects of other packages are recognised by their attributes; optional packages are imported inside
their reader.
"""
