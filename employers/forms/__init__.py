"""The forms of the employer's door."""
