"""The database of an application with a wallet, for tests: its rows, and the figures that plain SQL over them gives."""

import datetime as dt
from decimal import Decimal
from typing import Any

import sqlalchemy
from examples.wallet import generate

FIRST = dt.date(2025, 10, 20)
DAYS = 25
INDIA = "'+00:00', '+05:30'"

# Written by hand as the team's own job adds its ledger up; days are those of India.
DAILY = f"""
SELECT DATE(CONVERT_TZ(occurred_at, {INDIA})) AS day,
  SUM(CASE WHEN direction = 'credit' THEN amount ELSE 0 END) AS credited,
  SUM(CASE WHEN direction = 'debit' THEN amount ELSE 0 END) AS debited,
  COUNT(DISTINCT user_id) AS active_users
FROM wallet_ledger GROUP BY day ORDER BY day
"""
TOKENS = f"""
SELECT COALESCE(SUM(CASE WHEN direction = 'credit' THEN amount ELSE 0 END), 0) AS credited,
  COALESCE(SUM(CASE WHEN direction = 'debit' THEN amount ELSE 0 END), 0) AS debited,
  COUNT(DISTINCT user_id) AS active_users,
  SUM(CASE WHEN token_type = 'regular' THEN amount ELSE 0 END) AS regular,
  SUM(amount) AS moved
FROM wallet_ledger
WHERE DATE(CONVERT_TZ(occurred_at, {INDIA})) BETWEEN :first AND :last
  AND (:reason IS NULL OR reason = :reason) AND (:token_type IS NULL OR token_type = :token_type)
"""
FEATURES = f"""
SELECT reason AS feature,
  SUM(CASE WHEN direction = 'credit' THEN amount ELSE 0 END) AS credited,
  SUM(CASE WHEN direction = 'debit' THEN amount ELSE 0 END) AS debited
FROM wallet_ledger WHERE DATE(CONVERT_TZ(occurred_at, {INDIA})) BETWEEN :first AND :last
GROUP BY reason ORDER BY reason
"""
PAID = f"""
SELECT COUNT(*) AS payments, COALESCE(SUM(tokens), 0) AS tokens, COALESCE(SUM(amount_in_inr), 0) AS amount,
  COUNT(DISTINCT user_id) AS buyers
FROM purchases WHERE paid_at IS NOT NULL AND DATE(CONVERT_TZ(paid_at, {INDIA})) BETWEEN :first AND :last
"""
REFUNDED = f"""
SELECT COALESCE(SUM(COALESCE(refunded_in_inr, amount_in_inr)), 0) AS amount
FROM purchases WHERE refunded_at IS NOT NULL AND DATE(CONVERT_TZ(refunded_at, {INDIA})) BETWEEN :first AND :last
"""
REFERRED = f"""
SELECT COUNT(*) AS total, COUNT(DISTINCT referrer_user_id) AS referrers,
  SUM(CASE WHEN status = 'credited' THEN 1 ELSE 0 END) AS successful,
  SUM(CASE WHEN status = 'credited' THEN bonus_amount ELSE 0 END) AS bonus
FROM referrals WHERE DATE(CONVERT_TZ(created_at, {INDIA})) BETWEEN :first AND :last
  AND (:campaign IS NULL OR campaign_id = :campaign)
"""
LEADING = f"""
SELECT e.user_id, u.username, u.email,
  SUM(CASE WHEN e.direction = 'credit' THEN e.amount ELSE 0 END) AS earn,
  SUM(CASE WHEN e.direction = 'debit' THEN e.amount ELSE 0 END) AS spend
FROM wallet_ledger e JOIN users u ON u.id = e.user_id
WHERE DATE(CONVERT_TZ(e.occurred_at, {INDIA})) BETWEEN :first AND :last
GROUP BY e.user_id, u.username, u.email
"""
NOTHING = {"reason": None, "token_type": None, "campaign": None}


class App:
    """The database of an application with a wallet, by its address."""

    def __init__(self, url: str, *, days: int = DAYS, a_day: int = 60, seed: int = 7) -> None:
        self.made = generate.wallet(seed=seed, first=FIRST, days=days, a_day=a_day, people=20)
        generate.fill(url, self.made)
        self.url = url
        self.engine = sqlalchemy.create_engine(url)

    def close(self) -> None:
        self.engine.dispose()

    def run(self, statement: str, first: str = "1970-01-02", last: str = "2030-01-01", **more: Any) -> list[Any]:
        """The rows that a statement gives, each by the names of its columns."""
        asked = {**NOTHING, "first": first, "last": last, **more}
        with self.engine.begin() as connection:
            connection.execute(sqlalchemy.text("SET time_zone = '+00:00'"))
            return [dict(row) for row in connection.execute(sqlalchemy.text(statement), asked).mappings()]

    def one(self, statement: str, first: str, last: str, **more: Any) -> dict[str, Any]:
        (row,) = self.run(statement, first, last, **more)
        return row

    def revenue(self, first: str, last: str) -> Decimal:
        return self.one(PAID, first, last)["amount"] - self.one(REFUNDED, first, last)["amount"]

    def overview(self, first: str, last: str, **more: Any) -> dict[str, Any]:
        """What the overview should say."""
        found = self.one(TOKENS, first, last, **more)
        credited, debited = int(found["credited"]), int(found["debited"])
        return {
            "credited": credited,
            "debited": debited,
            "net": credited - debited,
            "revenue_in_inr": self.revenue(first, last),
            "active_users": found["active_users"],
        }


def records(app: App) -> dict[str, list[dict[str, Any]]]:
    """The rows as records of each stream, as an application that pushes them sends them."""
    tables = app.made.tables
    users = {user["id"]: user for user in tables["users"]}
    bought = tables["purchases"]
    return {
        "entries": [_entry(row, users[row["user_id"]]) for row in tables["wallet_ledger"]],
        "purchases": [_purchase(row, users[row["user_id"]]) for row in bought],
        "payments": [_payment(row, row["paid_at"], "paid_at") for row in bought if row["paid_at"]],
        "refunds": [_refund(row) for row in bought if row["refunded_at"]],
        "referrals": [_of(row, "referrer_user_id", "referred_user_id") for row in tables["referrals"]],
        "authorizations": [_of(row, "user_id") for row in tables["authorizations"]],
        "users": [_user(row) for row in tables["users"]],
    }


def _entry(row: dict[str, Any], user: dict[str, Any]) -> dict[str, Any]:
    who = {"user_id": str(row["user_id"]), "username": user["username"], "email": user["email"]}
    return {**row, **who, "occurred_at": _instant(row["occurred_at"])}


def _purchase(row: dict[str, Any], user: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "status", "provider", "tokens", "amount_in_inr")
    who = {"user_id": str(row["user_id"]), "username": user["username"], "email": user["email"]}
    return {**{name: row[name] for name in names}, **who, "created_at": _instant(row["created_at"])}


def _payment(row: dict[str, Any], at: dt.datetime, time: str) -> dict[str, Any]:
    names = ("id", "provider", "tokens", "amount_in_inr")
    return {**{name: row[name] for name in names}, "user_id": str(row["user_id"]), time: _instant(at)}


def _refund(row: dict[str, Any]) -> dict[str, Any]:
    paid = _payment(row, row["refunded_at"], "refunded_at")
    del paid["tokens"]
    return {**paid, "amount_in_inr": row["refunded_in_inr"] or row["amount_in_inr"]}


def _of(row: dict[str, Any], *people: str) -> dict[str, Any]:
    found = {name: value for name, value in row.items() if name != "updated_at"}
    return {**found, **{name: str(row[name]) for name in people}, "created_at": _instant(row["created_at"])}


def _user(row: dict[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in row.items() if name != "updated_at"}
    return {**found, "id": str(row["id"]), "user_id": str(row["id"]), "created_at": _instant(row["created_at"])}


def _instant(at: dt.datetime) -> str:
    return f"{at.isoformat()}Z"
