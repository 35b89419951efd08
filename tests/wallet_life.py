"""A wallet that goes on living in two databases: one that Keepsum may purge, and a twin that keeps every row."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import sqlalchemy
from examples.wallet import generate
from tests.databases import Database

FIRST = dt.date(2025, 10, 20)
BORN = {"wallet_ledger": "occurred_at"}  # of the other tables it is created_at
PAST_MYSQL = (
    (r"ENUM\([^)]*\)", "VARCHAR(20)"),
    (r" UNSIGNED| ON UPDATE CURRENT_TIMESTAMP", ""),
    (r"CHAR\(26\)", "VARCHAR(26)"),
    (r"\bJSON\b", "TEXT"),
    (r"UNIQUE KEY", "UNIQUE"),
    (r"(?<!FOREIGN )(?<!PRIMARY )KEY \([^)]*\)(,\s*)?", ""),
    (r"(,\s*)?\) ENGINE=[^;]*", ")"),
)
TYPES = {
    "postgres": ((r"\bTIMESTAMP\b", "TIMESTAMPTZ"),),
    "sqlite": ((r"\bTIMESTAMP\b", "TEXT"),),
}

# Written by hand as the team's own job adds its ledger up, in SQLite; days are those of India.
INDIA = "'+330 minutes'"
DAILY = f"""
SELECT date(occurred_at, {INDIA}) AS day,
  SUM(CASE WHEN direction = 'credit' THEN amount ELSE 0 END) AS credited,
  SUM(CASE WHEN direction = 'debit' THEN amount ELSE 0 END) AS debited,
  COUNT(DISTINCT user_id) AS active_users
FROM wallet_ledger GROUP BY day
"""
REVENUE = f"""
SELECT day, SUM(amount) AS revenue FROM (
  SELECT date(paid_at, {INDIA}) AS day, amount_in_inr * 1 AS amount FROM purchases WHERE paid_at IS NOT NULL
  UNION ALL
  SELECT date(refunded_at, {INDIA}), -COALESCE(refunded_in_inr, amount_in_inr) FROM purchases
  WHERE refunded_at IS NOT NULL
) GROUP BY day
"""


class Life:
    """The rows of a made wallet, which come and change as time goes by, in an application's database and in a twin."""

    def __init__(self, database: Database, twin: Database, *, days: int, a_day: int, seed: int = 7) -> None:
        self.made = generate.wallet(seed=seed, first=FIRST, days=days, a_day=a_day, people=12)
        self.database, self.twin = database, twin
        self.now = dt.datetime.combine(FIRST, dt.time()) - dt.timedelta(days=1)
        for one in (database, twin):
            one.execute(*schema(one.dialect))

    def until(self, text: str) -> None:
        """Let everything happen up to a moment: rows come, and purchases are paid and refunded."""
        since, self.now = self.now, dt.datetime.fromisoformat(text).astimezone(dt.UTC).replace(tzinfo=None)
        for table, rows in self.made.tables.items():
            born = BORN.get(table, "created_at")
            new = [row for row in rows if since < row[born] <= self.now]
            self.put(table, [self._as_of_now(row) for row in new] if table == "purchases" else new)
        for row in self.made.tables["purchases"]:
            if row["created_at"] <= since < row["updated_at"]:
                self._change(self._as_of_now(row))

    def _as_of_now(self, purchase: dict[str, Any]) -> dict[str, Any]:
        """A purchase as its row stands now: pending until it is paid, and paid until it is refunded."""
        row = dict(purchase)
        if row["refunded_at"] is not None and row["refunded_at"] > self.now:
            row |= {"status": "paid", "refunded_at": None, "refunded_in_inr": None, "updated_at": row["paid_at"]}
        if row["paid_at"] is not None and row["paid_at"] > self.now:
            row |= {"status": "pending", "paid_at": None, "updated_at": row["created_at"]}
        return row

    def put(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Insert rows into both databases."""
        for one in (self.database, self.twin):
            if rows:
                names = [*rows[0]]
                values = ", ".join(f":{name}" for name in names)
                self._run(one, f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})", rows)

    def _change(self, purchase: dict[str, Any]) -> None:
        names = ("status", "paid_at", "refunded_at", "refunded_in_inr", "updated_at")
        values = ", ".join(f"{name} = :{name}" for name in names)
        told = {name: purchase[name] for name in ("id", *names)}
        for one in (self.database, self.twin):
            self._run(one, f"UPDATE purchases SET {values} WHERE id = :id", [told])

    def _run(self, database: Database, statement: str, rows: list[dict[str, Any]]) -> None:
        told = [{name: _stored(value, database.dialect) for name, value in row.items()} for row in rows]
        engine = sqlalchemy.create_engine(database.url, creator=database.connect)
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text(statement), told)
        engine.dispose()

    def late(self, day: str, amount: int) -> None:
        """Let an entry come now whose time was long ago."""
        at = dt.datetime.fromisoformat(f"{day}T10:00:00")
        entry = {**self.made.tables["wallet_ledger"][0], "id": self.made.ulid(at), "amount": amount}
        self.put("wallet_ledger", [{**entry, "direction": "credit", "reason": "goodwill", "occurred_at": at}])

    def truth(self) -> dict[str, dict[str, Any]]:
        """What plain SQL over every row there ever was says of each day."""
        revenue = {day: round(Decimal(str(amount)), 2) for day, amount in self.twin.execute(REVENUE)}
        return {
            day: {
                "credited": credited, "debited": debited, "net": credited - debited, "active_users": users,
                "revenue_in_inr": revenue.get(day, Decimal("0.00")),
            }
            for day, credited, debited, users in self.twin.execute(DAILY)
        }  # fmt: skip

    def counts(self, table: str) -> tuple[int, int]:
        """How many rows of a table are left, and how many there ever were."""
        ((left,),), ((every,),) = (one.execute(f"SELECT count(*) FROM {table}") for one in (self.database, self.twin))
        return left, every


def schema(dialect: str) -> list[str]:
    """The example's tables in the words of a database."""
    text = generate.SCHEMA.read_text(encoding="utf-8")
    for pattern, words in () if dialect == "mysql" else (*PAST_MYSQL, *TYPES[dialect]):
        text = re.sub(pattern, words, text)
    return [statement for statement in text.split(";") if statement.strip()]


def _stored(value: Any, dialect: str) -> Any:
    """A value as an application of that database writes it: instants with their zone where there is one."""
    if not isinstance(value, dt.datetime) or dialect == "mysql":
        return value
    aware = value.replace(tzinfo=dt.UTC)
    return aware.isoformat() if dialect == "sqlite" else aware
