"""Recovery: simulated healthy subjects and patients, and how often diagnosis is right."""
