"""What an animal or a subject will do: drawn from the estimates, in unseen sessions and tasks."""
