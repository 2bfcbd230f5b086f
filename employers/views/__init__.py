"""Pages of the employer's door."""
