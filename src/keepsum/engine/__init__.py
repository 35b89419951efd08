"""What follows from the declarations: pure functions, no input, output, clock or settings."""
