"""What can be said: frozen values, no input or output."""
