"""Studies and published figures: a config in, a result out, and how it is told."""
