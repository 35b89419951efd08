"""Where records live, and what computes there."""
