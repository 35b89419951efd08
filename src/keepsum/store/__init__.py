"""The only database code: one SQLite file a workspace, one control file, segments, and what computes over them."""
