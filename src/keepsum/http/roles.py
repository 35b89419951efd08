"""`/v1/roles`: the roles that people and tokens may have, and what each may do and see."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from keepsum.engine.access import permits
from keepsum.http.parameters import StrictRoute, Sys, Who, needs
from keepsum.http.problems import documented
from keepsum.model.access import Permission, Role

EXAMPLE: dict[str, Any] = {
    "roles": [
        {
            "name": "reader",
            "about": "Sees the own performance.",
            "includes": [],
            "permissions": ["read"],
            "grants": [{"on": "rollup:fulfilment", "reach": "last 30 days", "level": "own"}],
        }
    ]
}

router = APIRouter(tags=["people"], route_class=StrictRoute, dependencies=[needs(Permission.READ)])


class GrantOut(BaseModel):
    """What a role shows of one thing, or of all of a kind: how far back, and whose rows."""

    on: str = Field(description="Such as `rollup:fulfilment`, `metric:*`, or `*` for everything.")
    reach: str = Field(description="full, last so many days, own rows, or none.")
    level: str = Field(description="own, team, organization or all.")


class RoleOut(BaseModel):
    """One role; what it may do and see is for those who run the workspace or let people in."""

    name: str
    about: str
    includes: list[str] | None = Field(description="Roles whose rights it has, too.")
    permissions: list[Permission] | None = Field(description="Its own; those of what it includes come to them.")
    grants: list[GrantOut] | None


class RolesOut(BaseModel):
    """The workspace's roles: those that every one has, then those of its packs."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    roles: list[RoleOut]


@router.get("/v1/roles", summary="List the roles", responses=documented(400, 403, 503))
def list_roles(system: Sys, who: Who) -> RolesOut:
    """Give the roles by name; their rights only to who administers the workspace or its people."""
    may_know = permits(who, Permission.ADMINISTER) or permits(who, Permission.PEOPLE)
    return RolesOut(roles=[_role_out(role, may_know=may_know) for role in system.catalog.roles.values()])


def _role_out(role: Role, *, may_know: bool) -> RoleOut:
    grants = [GrantOut(on=one.on, reach=str(one.reach), level=str(one.level)) for one in role.grants]
    return RoleOut(
        name=role.name,
        about=role.about,
        includes=list(role.includes) if may_know else None,
        permissions=list(role.permissions) if may_know else None,
        grants=grants if may_know else None,
    )
