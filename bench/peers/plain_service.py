"""An ingest service as a team would write it: FastAPI, SQLAlchemy with asyncpg, PostgreSQL; one commit a request.

An acknowledgement means what it means in Keepsum: the rows are durable (fsync and synchronous_commit as they ship),
and an event that is sent again changes nothing. Run by uvicorn in its own environment; PLAIN_URL names the database.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated

from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, DateTime, String
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(os.environ["PLAIN_URL"], pool_size=10, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    """The tables of the service."""


class Event(Base):
    """An event as it is stored: looked up by its id, by time and by user."""

    __tablename__ = "events"

    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    ts: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    user_id: Mapped[str] = mapped_column(String(64), index=True)
    session_id: Mapped[str] = mapped_column(String(64))
    domain: Mapped[str] = mapped_column(String(32))
    type: Mapped[str] = mapped_column(String(64))
    provider: Mapped[str] = mapped_column(String(32))
    country: Mapped[str] = mapped_column(String(2))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[int]


class EventIn(BaseModel):
    """An event as it is sent."""

    event_id: str = Field(max_length=36)
    ts: datetime
    user_id: str = Field(max_length=64)
    session_id: str = Field(max_length=64)
    domain: str = Field(max_length=32)
    type: str = Field(max_length=64)
    provider: str = Field(max_length=32)
    country: str = Field(min_length=2, max_length=2)
    amount_cents: int = 0
    duration_ms: int = Field(0, ge=0)


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


Opened = Annotated[AsyncSession, Depends(session)]


@asynccontextmanager
async def tables(_app: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(lifespan=tables)


@app.get("/ready")
async def ready() -> dict[str, bool]:
    return {"ready": True}


@app.post("/events", status_code=202)
async def one(event: EventIn, opened: Opened) -> dict[str, int]:
    await opened.execute(insert(Event).values(**event.model_dump()).on_conflict_do_nothing())
    await opened.commit()
    return {"accepted": 1}


@app.post("/events/batch", status_code=202)
async def many(events: list[EventIn], opened: Opened) -> dict[str, int]:
    await opened.execute(insert(Event).on_conflict_do_nothing(), [event.model_dump() for event in events])
    await opened.commit()
    return {"accepted": len(events)}
