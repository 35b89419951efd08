"""Fills a wallet's database with days of believable entries: the same seed gives the same wallet.

python examples/wallet/generate.py mysql+pymysql://root@127.0.0.1/wallet --first 2025-10-01 --days 60
"""

import argparse
import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy

Row = dict[str, Any]

SCHEMA = Path(__file__).with_name("schema.sql")
TABLES = ("users", "wallet_ledger", "purchases", "referrals", "authorizations")
SPENT_ON = {"chapter_generation": 50, "cover_image": 20, "translation": 15, "narration": 15}
PACKS = {500: "149.00", 1_000: "279.00", 5_000: "1249.50"}  # rupees by tokens
CAMPAIGNS = ("diwali", "autumn", None)
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # of a ULID


@dataclass
class Wallet:
    """The rows of every table, by its name; nothing happens from `end` on."""

    chance: Random
    end: dt.datetime
    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in TABLES})

    def ulid(self, at: dt.datetime) -> str:
        """Give an id that begins with its time."""
        moment = int(at.replace(tzinfo=dt.UTC).timestamp() * 1000)
        whole = (moment << 80) | self.chance.getrandbits(80)
        return "".join(DIGITS[(whole >> shift) & 31] for shift in range(125, -1, -5))

    def user(self, at: dt.datetime) -> Row:
        """Let somebody register, with a bonus."""
        number = len(self.tables["users"]) + 1
        user = {
            "id": number,
            "username": f"reader_{number}",
            "email": f"reader_{number}@example.com",
            "role": "admin" if number == 1 else "service" if number == 2 else "user",
            "balance_regular": 0,
            "balance_promo": 0,
            "created_at": at,
            "updated_at": at,
        }
        self.tables["users"].append(user)
        self.entry(user, at, "credit", "promo", "registration_bonus", 100)
        return user

    def entry(
        self, user: Row, at: dt.datetime, direction: str, kind: str, reason: str, amount: int, about: str | None = None
    ) -> None:
        """Note tokens that somebody got or spent."""
        user[f"balance_{kind}"] += amount if direction == "credit" else -amount
        self.tables["wallet_ledger"].append(
            {
                "id": self.ulid(at),
                "user_id": user["id"],
                "token_type": kind,
                "direction": direction,
                "reason": reason,
                "amount": amount,
                "balance_after_regular": user["balance_regular"],
                "balance_after_promo": user["balance_promo"],
                "reference_id": about,
                "metadata": None if about is None else json.dumps({"about": about}),
                "occurred_at": at,
            }
        )

    def buy(self, user: Row, at: dt.datetime) -> None:
        """Let somebody buy tokens, perhaps in vain, and perhaps have the money back some days later."""
        tokens, chance = self.chance.choice([*PACKS]), self.chance
        status = chance.choices(("paid", "refunded", "failed", "pending", "created"), (70, 8, 10, 6, 6))[0]
        paid = at + dt.timedelta(seconds=chance.randint(5, 600)) if status in ("paid", "refunded") else None
        refunded = paid + dt.timedelta(hours=chance.randint(1, 100)) if paid and status == "refunded" else None
        if paid and paid >= self.end:
            status, paid, refunded = "pending", None, None
        if refunded and refunded >= self.end:
            status, refunded = "paid", None
        self.tables["purchases"].append(
            {
                "id": self.ulid(at),
                "user_id": user["id"],
                "provider": chance.choice(("razorpay", "razorpay", "stripe")),
                "status": status,
                "tokens": tokens,
                "amount_in_inr": PACKS[tokens],
                "refunded_in_inr": chance.choice((None, "100.00")) if refunded else None,
                "created_at": at,
                "paid_at": paid,
                "refunded_at": refunded,
                "updated_at": refunded or paid or at,
            }
        )
        if paid is not None:
            self.entry(user, paid, "credit", "regular", "purchase", tokens)

    def spend(self, user: Row, at: dt.datetime) -> None:
        """Let somebody spend tokens, given ones first; every tenth time they are held before."""
        reason = self.chance.choices([*SPENT_ON], [*SPENT_ON.values()])[0]
        kind = "promo" if user["balance_promo"] else "regular"
        amount = min(user[f"balance_{kind}"], self.chance.randint(5, 120))
        if not amount:
            return
        about = f"{reason}_{self.chance.randint(1, 999)}"
        self.entry(user, at, "debit", kind, reason, amount, about)
        if self.chance.random() < 0.1:
            status = self.chance.choice(("captured", "captured", "voided", "expired", "held"))
            self.tables["authorizations"].append(
                {
                    "id": self.ulid(at),
                    "user_id": user["id"],
                    "feature": reason,
                    "status": status,
                    "amount": amount,
                    "captured_amount": amount if status == "captured" else None,
                    "created_at": at,
                    "updated_at": at,
                }
            )

    def refer(self, user: Row, at: dt.datetime) -> None:
        """Let somebody bring a new user, with a bonus for both in most cases."""
        brought, is_credited = self.user(at), self.chance.random() < 0.8
        self.tables["referrals"].append(
            {
                "id": self.ulid(at),
                "campaign_id": self.chance.choice(CAMPAIGNS),
                "referrer_user_id": user["id"],
                "referred_user_id": brought["id"],
                "status": "credited" if is_credited else "pending",
                "bonus_amount": 100,
                "created_at": at,
                "updated_at": at,
            }
        )
        if is_credited:
            self.entry(user, at, "credit", "promo", "referral_bonus", 100)


DOINGS = {"spend": 80, "buy": 10, "refer": 3, "register": 7}


def wallet(*, seed: int, first: dt.date, days: int, a_day: int = 200, people: int = 50) -> Wallet:
    """Give a wallet with so many days on each of which about `a_day` things happen; `people` come on the first."""
    made = Wallet(Random(seed), dt.datetime.combine(first + dt.timedelta(days=days), dt.time()))
    for number in range(people):
        made.user(dt.datetime.combine(first, dt.time()) + dt.timedelta(seconds=number))
    for number in range(days):
        midnight = dt.datetime.combine(first + dt.timedelta(days=number), dt.time())
        seconds = sorted(
            made.chance.randrange(300, 86_400) for _ in range(made.chance.randint(a_day // 2, a_day * 3 // 2))
        )
        for second in seconds:
            _happen(made, midnight + dt.timedelta(seconds=second))
    return made


def _happen(made: Wallet, at: dt.datetime) -> None:
    doing = made.chance.choices([*DOINGS], [*DOINGS.values()])[0]
    if doing == "register":
        made.user(at)
    else:
        getattr(made, doing)(made.chance.choice(made.tables["users"]), at)


def fill(url: str, made: Wallet) -> None:
    """Make the tables in a database that has none of them, and put the wallet's rows there."""
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        # TRICKY: a session of another zone would take the times for its own.
        connection.execute(sqlalchemy.text("SET time_zone = '+00:00'"))
        for statement in SCHEMA.read_text(encoding="utf-8").split(";"):
            if statement.strip():
                connection.execute(sqlalchemy.text(statement))
        for table, rows in made.tables.items():
            if rows:
                names = [*rows[0]]
                values = ", ".join(f":{name}" for name in names)
                statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"
                connection.execute(sqlalchemy.text(statement), rows)
    engine.dispose()


def main() -> None:
    """Fill the database that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="a database as SQLAlchemy names it, empty")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=dt.date.fromisoformat, required=True)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--a-day", type=int, default=200)
    given = parser.parse_args()
    made = wallet(seed=given.seed, first=given.first, days=given.days, a_day=given.a_day)
    fill(given.url, made)
    print(", ".join(f"{len(rows):,} {name}" for name, rows in made.tables.items()))


if __name__ == "__main__":
    main()
