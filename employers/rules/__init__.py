"""What a wage report is read by and priced by, in plain Python."""
