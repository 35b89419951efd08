"""What can become of a record that was handed in."""

NEW, DUPLICATE, CONFLICT, CORRECTION, CHANGED, TOO_LATE = range(6)

SECRET_DROPPED = "SECRET_DROPPED"  # counted beside the refusals: a secret field was there, and went no further

REASONS = {
    CONFLICT: ("KEY_CONFLICT", "the day has another record with this key"),
    CHANGED: ("RECORD_PURGED", "the day's records are purged; a purged record cannot be changed"),
    TOO_LATE: ("TOO_LATE", "the day's records are purged and its time for corrections is over"),
}
