"""Who may call what: every route, the roles it answers to, and what must tie the caller to the thing.

This is the one table; a route without a line answers to nobody, and the suite fails for it. ``roles``
and ``owes`` are judged here, before the route runs. ``relation`` is judged by the route's own query:
what is not the caller's is not found, with the same answer as what does not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Role = Literal[
    "administrator",  # accounts, approvals, refused actions; sees no goods and no prices
    "registrar",  # registers parties and keys
    "operator",  # staff of warehouse and sales
    "inspector",
    "refurbisher",
    "supplier",
    "brand",
    "carrier",
    "buyer",
    "auditor",
    "device",  # a station or a machine of its party, with an API key and no password
]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

Relation = Literal[
    "any",  # whoever may call the route sees all that it shows
    "own company",  # what belongs to the buyer's company
    "own party",  # what belongs to the caller's ledger party
    "own account",  # the caller's own user
]
Scope = Literal[
    "catalogue:read", "orders:read", "orders:write", "documents:read", "records:write", "files:write"
]  # fmt: skip
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

SECOND_FACTOR: Final[frozenset[Role]] = frozenset({"administrator", "registrar"})


@dataclass(frozen=True, slots=True)
class Rule:
    """roles: who is let in; empty: everybody, signed in or not.

    relation: what the caller must have to the thing that is asked for.
    scope: what an API key must carry; None: no API key opens it.
    before_approval: open to members of a company that waits for its approval, or was refused.
    before_factor: open to a session that still owes its second factor.
    """

    roles: frozenset[Role] = frozenset()
    relation: Relation = "any"
    scope: Scope | None = None
    before_approval: bool = False
    before_factor: bool = False

    @property
    def is_public(self) -> bool:
        return not self.roles


def roles(*named: Role) -> frozenset[Role]:
    return frozenset(named)


ADMINISTRATOR: Final = roles("administrator")
OPERATOR: Final = roles("operator")
BUYER: Final = roles("buyer")
EVERY_ROLE: Final = frozenset(ROLES)
PUBLIC: Final = Rule()
PERSON: Final = EVERY_ROLE - {"device"}
OWN_ACCOUNT: Final = Rule(PERSON, "own account", before_approval=True)
BEFORE_ALL_ELSE: Final = Rule(PERSON, "own account", before_approval=True, before_factor=True)

# "METHOD path" -> who. What an auditor sees is public: nobody needs our leave to audit.
ROUTES: Final[Mapping[str, Rule]] = {
    # the shell
    "GET /livez": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /metrics": PUBLIC,  # to this machine, or with the token of the settings
    "GET /v1/openapi.json": PUBLIC,
    "GET /static": PUBLIC,
    "GET /dev/components": PUBLIC,  # in a demo; elsewhere it is not there
    # goods and documents in a stranger's hand
    "GET /": PUBLIC,
    "GET /q/": PUBLIC,
    "GET /q/{code}": PUBLIC,
    "GET /01/{gtin}/10/{lot}": PUBLIC,
    "GET /d/{code}/{page}": PUBLIC,
    "GET /v1/codes/{code}": PUBLIC,
    "GET /lots/{lot}/pack.zip": PUBLIC,
    # the log, and auditing it
    "GET /log/checkpoint": PUBLIC,
    "GET /log/policy": PUBLIC,
    "GET /log/tile/{path:path}": PUBLIC,
    "GET /log/log-keys/{number}": PUBLIC,
    "GET /auditor": PUBLIC,
    "GET /auditor/log.zip": PUBLIC,
    "GET /auditor/checkpoints": PUBLIC,
    "GET /auditor/keys": PUBLIC,
    "GET /auditor/subjects/{subject}": PUBLIC,
    "GET /auditor/entries": PUBLIC,
    "GET /auditor/entries/{index}": PUBLIC,
    "GET /v1/entries/{index}": PUBLIC,
    "GET /v1/entries/{index}/proof": PUBLIC,
    "GET /v1/lots/{lot}/history": PUBLIC,
    # records: their signatures say who sends them
    "POST /v1/records": PUBLIC,
    # an auditor of the house: statements alone, which the route sees to
    "POST /v1/records:prepare": Rule(OPERATOR | {"device", "auditor"}, "any", "records:write"),
    # coming in
    "GET /login/{token}": PUBLIC,
    "POST /login/{token}": PUBLIC,
    "GET /sign-in": PUBLIC,
    "POST /sign-in": PUBLIC,
    "GET /invitations/{token}": PUBLIC,
    "POST /invitations/{token}": PUBLIC,
    "GET /join": PUBLIC,
    "POST /join": PUBLIC,
    "GET /second-factor": BEFORE_ALL_ELSE,
    "GET /second-factor.svg": BEFORE_ALL_ELSE,
    "POST /second-factor": BEFORE_ALL_ELSE,
    "POST /logout": BEFORE_ALL_ELSE,
    # one's own account
    "GET /account": OWN_ACCOUNT,
    "POST /account/profile": OWN_ACCOUNT,
    "POST /account/password": OWN_ACCOUNT,
    "POST /account/role": OWN_ACCOUNT,
    "POST /account/second-factor": OWN_ACCOUNT,
    "POST /account/sessions": OWN_ACCOUNT,
    "POST /account/sessions/{session}/end": OWN_ACCOUNT,
    "GET /account/keys": OWN_ACCOUNT,
    "POST /account/keys": OWN_ACCOUNT,
    "POST /account/keys/{key}/revoke": OWN_ACCOUNT,
    # other people's accounts
    "GET /people": Rule(ADMINISTRATOR),
    "GET /people/invitations": Rule(ADMINISTRATOR),
    "POST /people/invitations": Rule(ADMINISTRATOR),
    "POST /people/invitations/{invitation}/withdraw": Rule(ADMINISTRATOR),
    "GET /people/users/{user}": Rule(ADMINISTRATOR),
    "POST /people/users/{user}": Rule(ADMINISTRATOR),
    "POST /people/users/{user}/memberships/{membership}/end": Rule(ADMINISTRATOR),
    "GET /people/companies": Rule(ADMINISTRATOR),
    "GET /people/companies/{company}": Rule(ADMINISTRATOR),
    "POST /people/companies/{company}": Rule(ADMINISTRATOR),
    "GET /people/events": Rule(ADMINISTRATOR),
    # buying
    "GET /catalogue": Rule(BUYER, "own company"),
    "GET /offers/{listing}": Rule(BUYER, "own company"),
    "POST /offers/{listing}/reserve": Rule(BUYER, "own company"),
    "GET /reservations/{reservation}": Rule(BUYER, "own company"),
    "POST /reservations/{reservation}/confirm": Rule(BUYER, "own company"),
    "POST /reservations/{reservation}/release": Rule(BUYER, "own company"),
    "GET /orders": Rule(BUYER, "own company"),
    "GET /orders/{order}": Rule(BUYER, "own company"),
    "GET /documents/{code}": Rule(BUYER | OPERATOR, "own company", "documents:read"),
    "GET /v1/listings": Rule(BUYER, "own company", "catalogue:read"),
    "GET /v1/listings/{listing}": Rule(BUYER, "own company", "catalogue:read"),
    "GET /v1/reservations": Rule(BUYER, "own company", "orders:read"),
    "POST /v1/reservations": Rule(BUYER, "own company", "orders:write"),
    "GET /v1/reservations/{reservation}": Rule(BUYER, "own company", "orders:read"),
    "DELETE /v1/reservations/{reservation}": Rule(BUYER, "own company", "orders:write"),
    "GET /v1/orders": Rule(BUYER, "own company", "orders:read"),
    "POST /v1/orders": Rule(BUYER, "own company", "orders:write"),
    "GET /v1/orders/{order}": Rule(BUYER, "own company", "orders:read"),
    # the operator's house
    "GET /operator": Rule(OPERATOR),
    "GET /operator/lots/{lot}": Rule(OPERATOR),
    "GET /operator/codes/{code}.svg": Rule(OPERATOR),
    "POST /operator/lots/{lot}/files": Rule(OPERATOR, "own party"),
    "GET /operator/files/{file}/erase": Rule(OPERATOR, "own party"),
    "POST /operator/files/{file}/erase": Rule(OPERATOR, "own party"),
    "GET /operator/import": Rule(OPERATOR),
    "POST /operator/import": Rule(OPERATOR),
    "GET /operator/import/{file}": Rule(OPERATOR, "own party"),
    "POST /operator/import/{file}": Rule(OPERATOR, "own party"),
    "POST /v1/files": Rule(OPERATOR | {"device"}, "own party", "files:write"),
    "GET /files/{file}": Rule(OPERATOR, "own party"),
    "GET /files/{file}/thumbnail": Rule(OPERATOR, "own party"),
    "GET /operator/rejected": Rule(OPERATOR),
    "GET /operator/rejected.csv": Rule(OPERATOR),
    "GET /operator/refusals": Rule(OPERATOR),
    "GET /operator/orders": Rule(OPERATOR),
    "GET /operator/orders/{order}": Rule(OPERATOR),
    "GET /operator/private": Rule(OPERATOR),
    "POST /operator/private": Rule(OPERATOR),
    "GET /operator/private/lots/{lot}": Rule(OPERATOR),
    "GET /operator/private/records/{event_id}": Rule(OPERATOR),
    "POST /operator/private/records/{event_id}": Rule(OPERATOR),
    "GET /operator/private/articles/{item}": Rule(OPERATOR),
    "POST /operator/private/articles/{item}": Rule(OPERATOR),
    # jobs: ids and counts, no goods and no prices; what they made is the operator's
    "GET /operator/jobs": Rule(OPERATOR | ADMINISTRATOR),
    "POST /operator/jobs/exports": Rule(OPERATOR),
    "GET /operator/jobs/{job}": Rule(OPERATOR | ADMINISTRATOR),
    "POST /operator/jobs/{job}/retry": Rule(OPERATOR | ADMINISTRATOR),
    "POST /operator/jobs/{job}/cancel": Rule(OPERATOR | ADMINISTRATOR),
    "GET /operator/jobs/{job}/file": Rule(OPERATOR),
}


def may(role: Role | None, route: str) -> bool:
    """Whether a route answers to a role at all; None: nobody is signed in. For navigation."""
    rule = ROUTES.get(route)
    return rule is not None and (rule.is_public or role in rule.roles)
