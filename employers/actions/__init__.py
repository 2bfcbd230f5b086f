"""The verbs of the employer's door."""
