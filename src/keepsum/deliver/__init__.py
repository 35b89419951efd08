"""The outside world going out."""
