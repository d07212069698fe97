"""Command line: parse, call, show.  No science here."""
