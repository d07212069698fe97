"""What every command runs with: outcome, progress, checkpoint, run folder, workers."""
