"""The fixed tables of the two files; migrations lead to exactly these, and a test proves it."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table, Text

workspace_file = MetaData()
control_file = MetaData()

# One row: what this workspace is. `keys` names the keys its figures are made with, by their digests; `epoch` counts how
# often these were new. `week_start` and `k` are what holds now; the ledger has what held before.
workspace = Table(
    "workspace",
    workspace_file,
    Column("id", Text, primary_key=True),
    Column("zone", Text, nullable=False),
    Column("week_start", Integer, nullable=False),
    Column("k", Integer, nullable=False),
    Column("keys", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

# The last sequence number given to a record of a stream: arrival order, also over crashes.
sequences = Table(
    "sequences",
    workspace_file,
    Column("stream", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

# A day is an interval of instants, written once and never computed again.
days = Table(
    "days",
    workspace_file,
    Column("number", Integer, primary_key=True),
    Column("zone", Text, nullable=False),
    Column("tzdata", Text, nullable=False),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger, nullable=False),
)

# What has become of one day of one stream. Records and hashes are control; `touched` grows with every accepted
# record, so that touched == sealed says that a seal is still about all of them. Tail rows up to `moved` are in
# segments. `version` grows with every change of the day's segments. `incomplete` is the ledger entry by which a person
# let the seal's figures stand although the day's records are no longer whole; `uncounted` records are in no figure.
# `steps` has, for each k that held before today's, [how many records there were when it ended, k], as JSON.
stream_days = Table(
    "stream_days",
    workspace_file,
    Column("stream", Text, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("records", BigInteger, nullable=False, default=0),
    Column("hash_a", Text, nullable=False, default="0"),
    Column("hash_b", Text, nullable=False, default="0"),
    Column("touched", BigInteger, nullable=False, default=0),
    Column("sealed", BigInteger),
    Column("seal", BigInteger),
    Column("sealed_records", BigInteger),
    Column("moved", BigInteger, nullable=False, default=0),
    Column("version", BigInteger, nullable=False, default=0),
    Column("held", Text),
    Column("held_detail", Text),
    Column("held_at", BigInteger),
    Column("accepted", Text),
    Column("purge", Text),
    Column("purged_at", BigInteger),
    Column("late_until", BigInteger),
    Column("incomplete", BigInteger),
    Column("uncounted", BigInteger, nullable=False, default=0),
    Column("steps", Text),
    sqlite_with_rowid=False,
)

control_sums = Table(
    "control_sums",
    workspace_file,
    Column("stream", Text, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("hi", BigInteger, nullable=False),
    Column("lo", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# A stream whose records live in a database of the application: which one, without host or password, the digest of how
# its rows are read, the first day with rows, when every ended day had been sealed once, up to when changed rows were
# looked for, and who let its rows be purged.
attachments = Table(
    "attachments",
    workspace_file,
    Column("stream", Text, primary_key=True),
    Column("dialect", Text, nullable=False),
    Column("database", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("attached_at", BigInteger, nullable=False),
    Column("first_day", Integer),
    Column("backfilled_at", BigInteger),
    Column("changes_seen", BigInteger),
    Column("purge_enabled_at", BigInteger),
    Column("purge_enabled_by", Text),
)

# The manifest: only files listed here hold records.
segments = Table(
    "segments",
    workspace_file,
    Column("id", Integer, primary_key=True),
    Column("stream", Text, nullable=False),
    Column("day", Integer, nullable=False),
    Column("file", Text, nullable=False, unique=True),
    Column("records", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("control", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("segments_of_day", "stream", "day"),
    sqlite_autoincrement=True,
)

# Every definition of a rollup that ever had a table; the newest has the highest id. `keep_*` is how long figures are
# kept, as declared last: figures expire also when nobody declares the rollup any more.
generations = Table(
    "generations",
    workspace_file,
    Column("id", Integer, primary_key=True),
    Column("rollup", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("table_name", Text, nullable=False, unique=True),
    Column("definition_hash", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("keep_days", Integer, nullable=False),
    Column("keep_months", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

# Which generation covers which day, under which seal, with the digests that the seal lists.
rolled = Table(
    "rolled",
    workspace_file,
    Column("table_name", Text, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("seal", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    Column("parts", Text, nullable=False),
    sqlite_with_rowid=False,
)

# What guarded callers were shown of a rollup's day: fixed when published. `state` is open, closed (only the
# total), joined (its figures stand at day `at`), or withheld. `seen` has every number of people it was shown with.
published = Table(
    "published",
    workspace_file,
    Column("table_name", Text, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("k", Integer, nullable=False),
    Column("people", BigInteger, nullable=False),
    Column("largest", BigInteger, nullable=False),
    Column("seen", Text, nullable=False),
    sqlite_with_rowid=False,
)

ledger = Table(
    "ledger",
    workspace_file,
    Column("seq", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("stream", Text),
    Column("day", Integer),
    Column("body", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Index("ledger_of_day", "stream", "day"),
)

rejects = Table(
    "rejects",
    workspace_file,
    Column("stream", Text, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Keyed fingerprints of the values of a distinct measure, to find one that recurs on another day. `accepted` ones may:
# a person said so, of all the days that have the value so far.
distinct_values = Table(
    "distinct_values",
    workspace_file,
    Column("stream", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("fingerprint", BigInteger, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("accepted", Boolean, nullable=False, default=False),
    Index("distinct_values_of_day", "stream", "day"),
    sqlite_with_rowid=False,
)

# The keyed fingerprints of people behind a purged day's corrections, until `late` ends: they appear to guarded
# callers when they are k.
correction_people = Table(
    "correction_people",
    workspace_file,
    Column("stream", Text, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("fingerprint", BigInteger, primary_key=True),
    sqlite_with_rowid=False,
)

# Dashboards that people made. `owner_kind` and `owner` say whose one is, `shared` is a list of roles as JSON; what one
# looks like is its newest version.
dashboards = Table(
    "dashboards",
    workspace_file,
    Column("id", Text, primary_key=True),
    Column("owner_kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("shared", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

dashboard_versions = Table(
    "dashboard_versions",
    workspace_file,
    Column("dashboard", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by_kind", Text, nullable=False),
    Column("changed_by", Text, nullable=False),
)

# Metrics that people made of what packs declare: the formula as they wrote it.
own_metrics = Table(
    "own_metrics",
    workspace_file,
    Column("name", Text, primary_key=True),
    Column("formula", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("decimals", Integer, nullable=False),
    Column("owner_kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("changed_by_kind", Text, nullable=False, server_default=""),
    Column("changed_by", Text, nullable=False, server_default=""),
)

# The control file.

# `state` is making or deleting while that is under way: whoever finds it later undoes the one and ends the other.
# `folder` is never given twice, so what still holds a deleted workspace's files never meets another's. `packs` are
# names as a JSON list; null follows the setting. `pending` is what has to be known to undo or to end it, as JSON.
workspaces = Table(
    "workspaces",
    control_file,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("folder", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("packs", Text),
    Column("pending", Text),
    Column("created_at", BigInteger, nullable=False),
    # The last ledger entry and the last record sequence seen, so that an older file copied over is noticed.
    Column("ledger_seq", BigInteger, nullable=False, default=0),
    Column("ledger_hash", Text, nullable=False, default=""),
    Column("sequence", BigInteger, nullable=False, default=0),
    Column("accepted", Text),
)

# What remains of a deleted workspace: that it was, what went with it, and what could not be reached.
receipts = Table(
    "receipts",
    control_file,
    Column("number", Integer, primary_key=True),
    Column("workspace", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("receipts_of_workspace", "workspace"),
    sqlite_autoincrement=True,
)

# A running job is its worker's from `leased_at` until `lease_until`: seconds of the machine's clock, not of business.
jobs = Table(
    "jobs",
    control_file,
    Column("id", Integer, primary_key=True),
    Column("workspace", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("job", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("queued_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("finished_at", BigInteger),
    Column("worker", Text),
    Column("leased_at", Float),
    Column("lease_until", Float),
    Column("attempts", Integer, nullable=False, default=0),
    Column("days", BigInteger, nullable=False, default=0),
    Column("rows", BigInteger, nullable=False, default=0),
    Column("percent", Float, nullable=False, default=0.0),
    Column("seconds", Float),
    Column("error", Text),
    Index("jobs_by_state", "state", "id"),
    Index("jobs_by_number", "workspace", "number", unique=True),
    sqlite_autoincrement=True,
)

schedules = Table(
    "schedules",
    control_file,
    Column("workspace", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("job", Text, nullable=False),
    Column("cron", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("enabled", Boolean, nullable=False, default=True),
    Column("fired_for", BigInteger, nullable=False),
)

# Workers that are there: `beat` is when one last said so, in seconds of the machine's clock.
workers = Table(
    "workers",
    control_file,
    Column("name", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("beat", Float, nullable=False),
)

# Files that were asked for. What was asked is encrypted, as a filter may name a subject; `shown` is the rest of it, as
# JSON. `job` makes the file, and says how it failed when its worker died. `file` is a name in the export folder.
exports = Table(
    "exports",
    control_file,
    Column("id", Text, primary_key=True),
    Column("workspace", Text, nullable=False),
    Column("caller_kind", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    Column("shown", Text, nullable=False),
    Column("asked_encrypted", Text),
    Column("state", Text, nullable=False),
    Column("job", Integer),
    Column("estimated_rows", BigInteger),
    Column("rows", BigInteger),
    Column("bytes", BigInteger),
    Column("columns", Text),
    Column("about", Text),
    Column("file", Text),
    Column("error", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("completed_at", BigInteger),
    Column("expires_at", BigInteger),
    Index("exports_of_workspace", "workspace", "created_at"),
)

# What people and tokens did, chained. `mark` is a keyed hash of an address; `workspace` is null for the install.
audit = Table(
    "audit",
    control_file,
    Column("seq", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("workspace", Text),
    Column("caller_kind", Text),
    Column("caller", Text),
    Column("mark", Text),
    Column("network", Text),
    Column("body", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Index("audit_of_workspace", "workspace", "seq"),
    Index("audit_of_caller", "caller", "kind"),
)

# One row: the newest event, kept apart so that a cut-off end shows.
audit_head = Table(
    "audit_head",
    control_file,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)

# Who may come in. E-mail addresses and names are encrypted; a person is found by a keyed hash of the address.
people = Table(
    "people",
    control_file,
    Column("id", Text, primary_key=True),
    Column("email_mark", Text, nullable=False, unique=True),
    Column("email_encrypted", Text, nullable=False),
    Column("name_encrypted", Text, nullable=False),
    Column("password", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
)

# A person in a workspace. `roles` is a list of names as JSON; `actor` is who they are in records.
members = Table(
    "members",
    control_file,
    Column("workspace", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("roles", Text, nullable=False),
    Column("actor", Text),
    Column("team", Text),
    Column("created_at", BigInteger, nullable=False),
    Index("members_by_person", "person"),
)

# What opens a door is stored as its SHA-256 only: cookies of sessions, API tokens, one-time links.
sessions = Table(
    "sessions",
    control_file,
    Column("hash", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Index("sessions_by_person", "person"),
)

# `start` is what is shown of a token; `streams` are the only ones it may use, as JSON, or null for all.
tokens = Table(
    "tokens",
    control_file,
    Column("id", Text, primary_key=True),
    Column("workspace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("start", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("streams", Text),
    Column("made_by", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("until", BigInteger),
    Column("used_at", BigInteger),
    Column("revoked_at", BigInteger),
    Index("tokens_by_workspace", "workspace"),
)

# One-time links: owner, invitation, reset. One that was used is gone.
links = Table(
    "links",
    control_file,
    Column("hash", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("workspace", Text),
    Column("person", Text),
    Column("email_encrypted", Text),
    Column("roles", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)

# Links by which anybody sees a dashboard, one for each that is published. Found by the SHA-256 of their text, which is
# kept encrypted for those who may share it.
public_links = Table(
    "public_links",
    control_file,
    Column("hash", Text, primary_key=True),
    Column("workspace", Text, nullable=False),
    Column("dashboard", Text, nullable=False),
    Column("text_encrypted", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Index("public_links_of_dashboard", "workspace", "dashboard", unique=True),
)

# Attempts to sign in that were not right, since an instant, by a keyed hash of who tried what.
attempts = Table(
    "attempts",
    control_file,
    Column("mark", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
)

# Passwords and keys of other services; those of the install itself have the empty workspace.
secrets = Table(
    "secrets",
    control_file,
    Column("workspace", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value_encrypted", Text, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

# One row: the digest of the key that everything encrypted in this file is encrypted with.
encryption = Table(
    "encryption",
    control_file,
    Column("key", Text, primary_key=True),
)
