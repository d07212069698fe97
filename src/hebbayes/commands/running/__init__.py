"""Infrastructure of commands: outcome, progress, checkpoint, run folder, workers."""
