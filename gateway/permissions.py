"""Who may call what: every route, the roles it answers to, and what must tie the caller to the thing.

This is the one table; a route without a line answers to nobody, and the suite fails for it. ``roles``
and ``owes`` are judged here, before the route runs. ``relation`` is judged by the route's own query:
what is not the caller's is not found, with the same answer as what does not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from gateway.trade.spending import MAY_APPROVE, MAY_BUY, CompanyRole
from qrcodes.gs1 import PRIMARY_KEYS

Role = Literal[
    "administrator",  # accounts, approvals, refused actions; sees no goods and no prices
    "registrar",  # registers parties and keys
    "operator",  # staff of warehouse and sales
    "inspector",
    "refurbisher",
    "supplier",  # and agents, who pass a brand's permission on
    "brand",
    "carrier",
    "insurer",
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
    "catalogue:read", "orders:read", "orders:write", "documents:read", "records:write", "files:write",
    "imports:write", "stock:write", "prices:write",
]  # fmt: skip
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

SECOND_FACTOR: Final[frozenset[Role]] = frozenset({"administrator", "registrar"})


@dataclass(frozen=True, slots=True)
class Rule:
    """roles: who is let in; empty: everybody, signed in or not.

    relation: what the caller must have to the thing that is asked for.
    scope: what an API key must carry; None: no API key opens it.
    company_roles: of members of a buyer's company, those that are let in; empty: all of them.
    before_approval: open to members of a company that waits for its approval, or was refused.
    before_factor: open to a session that still owes its second factor.
    """

    roles: frozenset[Role] = frozenset()
    relation: Relation = "any"
    scope: Scope | None = None
    company_roles: frozenset[CompanyRole] = frozenset()
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
INSPECTOR: Final = roles("inspector")
WORKERS: Final = roles("inspector", "refurbisher")
EVERY_ROLE: Final = frozenset(ROLES)
DECIDES: Final = MAY_BUY | MAY_APPROVE
ADMIN: Final = frozenset[CompanyRole]({"admin"})
LEDGER_PARTY: Final = roles("operator", "inspector", "refurbisher", "supplier", "brand", "carrier", "insurer")
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
    "GET /lots/{lot}": PUBLIC,
    "GET /goods/{gtin}": PUBLIC,
    "GET /.well-known/gs1resolver": PUBLIC,
    "OPTIONS /.well-known/gs1resolver": PUBLIC,
    "GET /linkset-context.jsonld": PUBLIC,
    "OPTIONS /linkset-context.jsonld": PUBLIC,
    **{f"{method} /{key}/{{path:path}}": PUBLIC for key in PRIMARY_KEYS for method in ("GET", "OPTIONS")},
    "GET /{text:packed}": PUBLIC,
    "OPTIONS /{text:packed}": PUBLIC,
    "GET /q/{code}/report": PUBLIC,
    "POST /q/{code}/report": PUBLIC,  # from a page of ours; few a minute
    "GET /q/check-worker.js": PUBLIC,
    "GET /check": PUBLIC,
    "GET /q/{code}/claim": PUBLIC,
    "POST /q/{code}/claim": PUBLIC,  # from a page of ours; misses are counted with guesses
    "GET /photos/{file}": PUBLIC,  # those that the operator shows
    "GET /v1/codes/{code}/proof": PUBLIC,
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
    "POST /catalogue/searches": Rule(BUYER, "own account"),
    "GET /catalogue/searches/{search}": Rule(BUYER, "own account"),
    "POST /catalogue/searches/{search}/letters": Rule(BUYER, "own account"),
    "POST /catalogue/searches/{search}/delete": Rule(BUYER, "own account"),
    "GET /offers/{listing}": Rule(BUYER, "own company"),
    "POST /offers/{listing}/sample": Rule(BUYER, "own company", company_roles=MAY_BUY),
    "POST /offers/{listing}/reserve": Rule(BUYER, "own company", company_roles=MAY_BUY),
    "GET /reservations/{reservation}": Rule(BUYER, "own company"),
    "POST /reservations/{reservation}/confirm": Rule(BUYER, "own company", company_roles=MAY_BUY),
    "POST /reservations/{reservation}/release": Rule(BUYER, "own company", company_roles=MAY_BUY),
    "GET /orders": Rule(BUYER, "own company"),
    "GET /orders/{order}": Rule(BUYER, "own company"),
    "GET /shipments": Rule(BUYER, "own company"),
    "GET /shipments/{shipment}": Rule(BUYER, "own company"),
    "GET /v1/shipments": Rule(BUYER | OPERATOR, "own company", "orders:read"),
    "GET /v1/shipments/{shipment}": Rule(BUYER | OPERATOR, "own company", "orders:read"),
    "GET /v1/shipments/{shipment}/way": Rule(BUYER | OPERATOR, "own company", "orders:read"),
    "GET /documents/{code}": Rule(BUYER | OPERATOR, "own company", "documents:read"),
    "GET /documents/{code}/{form}": Rule(BUYER | OPERATOR, "own company", "documents:read"),
    "GET /shipments/{shipment}/dossier.zip": Rule(BUYER | OPERATOR, "own company", "documents:read"),
    "GET /v1/shipments/{shipment}/papers": Rule(BUYER | OPERATOR, "own company", "documents:read"),
    "GET /v1/listings": Rule(BUYER, "own company", "catalogue:read"),
    "GET /v1/listings/facets": Rule(BUYER, "own company", "catalogue:read"),
    "GET /v1/saved-searches": Rule(BUYER, "own account", "catalogue:read"),
    "POST /v1/saved-searches": Rule(BUYER, "own account", "catalogue:read"),
    "DELETE /v1/saved-searches/{search}": Rule(BUYER, "own account", "catalogue:read"),
    "GET /v1/listings/{listing}": Rule(BUYER, "own company", "catalogue:read"),
    "POST /v1/listings/{listing}/sample": Rule(BUYER, "own company", "orders:write", MAY_BUY),
    "GET /offers/{listing}/landed": Rule(BUYER, "own company"),
    "GET /v1/listings/{listing}/landed-cost": Rule(BUYER, "own company", "catalogue:read"),
    "GET /v1/listings/{listing}/readiness": Rule(BUYER, "own company", "catalogue:read"),
    "GET /v1/listings/{listing}/manifest.json": Rule(BUYER, "own company", "catalogue:read"),
    "GET /v1/listings/{listing}/manifest.csv": Rule(BUYER, "own company", "catalogue:read"),
    "GET /v1/listings/{listing}/manifest.xlsx": Rule(BUYER, "own company", "catalogue:read"),
    "GET /l/{listing}": PUBLIC,  # of public offers alone, without a price
    "GET /l/{listing}/card.png": PUBLIC,
    "GET /l/{listing}/card.svg": PUBLIC,
    "GET /v1/reservations": Rule(BUYER, "own company", "orders:read"),
    "POST /v1/reservations": Rule(BUYER, "own company", "orders:write", MAY_BUY),
    "GET /v1/reservations/{reservation}": Rule(BUYER, "own company", "orders:read"),
    "DELETE /v1/reservations/{reservation}": Rule(BUYER, "own company", "orders:write", MAY_BUY),
    "GET /v1/orders": Rule(BUYER, "own company", "orders:read"),
    "POST /v1/orders": Rule(BUYER, "own company", "orders:write", MAY_BUY),
    "GET /v1/orders/{order}": Rule(BUYER, "own company", "orders:read"),
    # a company's holds, purchases and members; the role in the company decides what a member does
    "GET /basket": Rule(BUYER, "own company"),
    "POST /basket": Rule(BUYER, "own company", company_roles=MAY_BUY),
    "POST /reservations/{reservation}/extend": Rule(BUYER, "own company", company_roles=MAY_BUY),
    "POST /reservations/{reservation}/accept": Rule(BUYER, "own company", company_roles=MAY_BUY),
    "POST /reservations/{reservation}/quantity": Rule(BUYER, "own company", company_roles=MAY_BUY),
    "GET /purchases": Rule(BUYER, "own company"),
    "GET /purchases/{purchase}": Rule(BUYER, "own company"),
    "POST /purchases/{purchase}/approve": Rule(BUYER, "own company", company_roles=MAY_APPROVE),
    "POST /purchases/{purchase}/decline": Rule(BUYER, "own company", company_roles=MAY_APPROVE),
    "POST /purchases/{purchase}/cancel": Rule(BUYER, "own company", company_roles=DECIDES),
    "GET /company": Rule(BUYER, "own company"),
    "POST /company": Rule(BUYER, "own company", company_roles=ADMIN),
    "POST /company/members/{user}": Rule(BUYER, "own company", company_roles=ADMIN),
    "POST /company/invitations": Rule(BUYER, "own company", company_roles=ADMIN),
    "POST /v1/reservations/batch": Rule(BUYER, "own company", "orders:write", MAY_BUY),
    "POST /v1/reservations/{reservation}/extend": Rule(BUYER, "own company", "orders:write", MAY_BUY),
    "POST /v1/reservations/{reservation}/accept": Rule(BUYER, "own company", "orders:write", MAY_BUY),
    "GET /v1/purchases": Rule(BUYER, "own company", "orders:read"),
    "POST /v1/purchases": Rule(BUYER, "own company", "orders:write", MAY_BUY),
    "GET /v1/purchases/{purchase}": Rule(BUYER, "own company", "orders:read"),
    "POST /v1/purchases/{purchase}/approve": Rule(BUYER, "own company", None, MAY_APPROVE),
    "POST /v1/purchases/{purchase}/decline": Rule(BUYER, "own company", None, MAY_APPROVE),
    "POST /v1/purchases/{purchase}/cancel": Rule(BUYER, "own company", "orders:write", DECIDES),
    "GET /v1/company": Rule(BUYER, "own company", "orders:read"),
    "PUT /v1/company": Rule(BUYER, "own company", None, ADMIN),
    "PUT /v1/company/members/{user}": Rule(BUYER, "own company", None, ADMIN),
    # what staff does with purchases
    "GET /operator/purchases": Rule(OPERATOR),
    "GET /operator/purchases/{purchase}": Rule(OPERATOR),
    "POST /operator/purchases/{purchase}/payments": Rule(OPERATOR),
    "POST /operator/purchases/{purchase}/sell": Rule(OPERATOR),
    "POST /operator/purchases/{purchase}/cancel": Rule(OPERATOR),
    "POST /operator/purchases/{purchase}/take-back": Rule(OPERATOR),
    "POST /operator/purchases/{purchase}/hold": Rule(OPERATOR),
    "POST /operator/purchases/{purchase}/resume": Rule(OPERATOR),
    # what people state, and sign: each action says whose it is, and the subject's relation is judged there
    "GET /do/{action}": Rule(LEDGER_PARTY, "own party"),
    "POST /do/{action}": Rule(LEDGER_PARTY, "own party"),
    "GET /statements": Rule(LEDGER_PARTY, "own party"),
    "GET /statements/{statement}": Rule(LEDGER_PARTY, "own party"),
    "GET /statements/{statement}/prepared.json": Rule(LEDGER_PARTY, "own party"),
    "POST /statements/{statement}/sign": Rule(LEDGER_PARTY, "own party"),
    "POST /statements/{statement}/signature": Rule(LEDGER_PARTY, "own party"),
    "POST /statements/{statement}/signed": Rule(LEDGER_PARTY, "own party"),
    "POST /statements/{statement}/decline": Rule(LEDGER_PARTY, "own party"),
    "POST /statements/{statement}/withdraw": Rule(LEDGER_PARTY, "own party"),
    "POST /statements/{statement}/renew": Rule(LEDGER_PARTY, "own party"),
    "GET /party": Rule(LEDGER_PARTY - OPERATOR, "own party"),
    "GET /party/permissions": Rule(roles("brand", "supplier"), "own party"),
    "GET /party/permissions/{authorization}": Rule(roles("brand", "supplier", "operator"), "own party"),
    "GET /party/goods": Rule(roles("brand"), "own party"),
    "GET /party/lots/{lot}": Rule(LEDGER_PARTY, "own party"),
    "GET /v1/actions": Rule(LEDGER_PARTY | {"device"}, "own party", "records:write"),
    "POST /v1/actions/{action}": Rule(LEDGER_PARTY | {"device"}, "own party", "records:write"),
    "GET /v1/lots/{lot}/actions": Rule(LEDGER_PARTY | {"device"}, "own party", "records:write"),
    "POST /v1/lots/{lot}/actions/{action}": Rule(LEDGER_PARTY | {"device"}, "own party", "records:write"),
    "POST /v1/lots/{lot}/codes": Rule(OPERATOR, "any", "records:write"),
    "GET /v1/statements": Rule(LEDGER_PARTY | {"device"}, "own party", "records:write"),
    "GET /v1/statements/{statement}": Rule(LEDGER_PARTY | {"device"}, "own party", "records:write"),
    "POST /v1/statements/{statement}/signatures": Rule(
        LEDGER_PARTY | {"device"}, "own party", "records:write"
    ),
    "POST /v1/statements/{statement}/decline": Rule(LEDGER_PARTY | {"device"}, "own party", "records:write"),
    "POST /v1/statements/{statement}/withdraw": Rule(LEDGER_PARTY | {"device"}, "own party", "records:write"),
    # the operator's house
    "GET /console": Rule(OPERATOR),
    "POST /console/find": Rule(OPERATOR),
    "GET /console/queues/{queue}": Rule(OPERATOR),
    "GET /console/figures": Rule(OPERATOR),
    "GET /console/codes": Rule(OPERATOR),
    "POST /console/codes": Rule(OPERATOR),
    "GET /console/lots/{lot}/articles": Rule(OPERATOR),
    "GET /console/undo/{event_id}": Rule(OPERATOR),
    "GET /operator": Rule(OPERATOR),
    "GET /operator/lots/{lot}": Rule(OPERATOR),
    "GET /operator/codes/{code}.svg": Rule(OPERATOR),
    "GET /operator/codes/{code}.png": Rule(OPERATOR),
    "GET /operator/labels": Rule(OPERATOR),
    "POST /operator/labels": Rule(OPERATOR),
    "GET /operator/labels/{code}/preview.svg": Rule(OPERATOR),
    "GET /operator/labels/{run}/file": Rule(OPERATOR),
    "POST /operator/lots/{lot}/files": Rule(OPERATOR, "own party"),
    "GET /operator/files/{file}/erase": Rule(OPERATOR, "own party"),
    "POST /operator/files/{file}/erase": Rule(OPERATOR, "own party"),
    "POST /operator/files/{file}/public": Rule(OPERATOR, "own party"),
    "GET /operator/reports": Rule(OPERATOR),
    "POST /operator/reports/{report}": Rule(OPERATOR),
    "GET /operator/reports/{report}/erase": Rule(OPERATOR),
    "POST /operator/reports/{report}/erase": Rule(OPERATOR),
    "GET /operator/scans": Rule(OPERATOR),
    "GET /operator/scans/{alert}": Rule(OPERATOR),
    "POST /operator/scans/{alert}/close": Rule(OPERATOR),
    "POST /operator/scans/{alert}/reopen": Rule(OPERATOR),
    "GET /operator/import": Rule(OPERATOR),
    "POST /operator/import": Rule(OPERATOR),
    "GET /operator/import/{file}": Rule(OPERATOR, "own party"),
    "POST /operator/import/{file}": Rule(OPERATOR, "own party"),
    "GET /operator/import/{file}/columns": Rule(OPERATOR, "own party"),
    "POST /operator/import/{file}/columns": Rule(OPERATOR, "own party"),
    "GET /operator/import/{file}/facts": Rule(OPERATOR, "own party"),
    "POST /operator/import/{file}/facts": Rule(OPERATOR, "own party"),
    "GET /operator/import/{file}/rejected.{form}": Rule(OPERATOR, "own party"),
    "GET /operator/rejected/{file}.{form}": Rule(OPERATOR),
    "POST /v1/files": Rule(OPERATOR | {"device"}, "own party", "files:write"),
    "GET /files/{file}": Rule(OPERATOR | WORKERS, "own party"),
    "GET /files/{file}/thumbnail": Rule(OPERATOR | WORKERS, "own party"),
    # the bench: work orders of one's own party; the role that the kind of work asks for
    "GET /measure": Rule(WORKERS, "own party"),
    "GET /measure/bench-worker.js": PUBLIC,  # a program of the page, with nobody's data
    "GET /measure/devices": Rule(INSPECTOR),
    "GET /measure/devices/{device}": Rule(INSPECTOR),
    "POST /measure/devices/{device}/checks": Rule(INSPECTOR, "own party"),
    "POST /measure/devices/{device}/checks/{check}": Rule(INSPECTOR, "own party"),
    "GET /measure/{work}": Rule(WORKERS, "own party"),
    "GET /measure/{work}/index.json": Rule(WORKERS, "own party"),
    "GET /measure/{work}/articles/{slot}": Rule(WORKERS, "own party"),
    "POST /measure/{work}/articles/{slot}": Rule(WORKERS, "own party"),
    "POST /measure/{work}/articles/{slot}/grade": Rule(WORKERS, "own party"),
    "POST /measure/{work}/accept": Rule(INSPECTOR, "own party"),
    "GET /measure/{work}/template.csv": Rule(WORKERS, "own party"),
    "GET /measure/{work}/sheet": Rule(WORKERS, "own party"),
    "POST /measure/{work}/sheet": Rule(WORKERS, "own party"),
    "POST /measure/{work}/papers": Rule(WORKERS, "own party"),
    "GET /measure/{work}/sample": Rule(INSPECTOR, "own party"),
    "POST /measure/{work}/sample": Rule(INSPECTOR, "own party"),
    "GET /measure/{work}/result": Rule(WORKERS, "own party"),
    "POST /measure/{work}/result": Rule(WORKERS, "own party"),
    "GET /v1/work": Rule(WORKERS | {"device"}, "own party", "records:write"),
    "GET /v1/work/{work}": Rule(WORKERS | {"device"}, "own party", "records:write"),
    "POST /v1/work/{work}/measurements": Rule(INSPECTOR | {"device"}, "own party", "records:write"),
    "POST /v1/work/{work}/accept": Rule(INSPECTOR, "own party", "records:write"),
    "POST /v1/imports": Rule(OPERATOR, "own party", "imports:write"),
    "GET /v1/imports/{file}": Rule(OPERATOR, "own party", "imports:write"),
    "PUT /v1/imports/{file}": Rule(OPERATOR, "own party", "imports:write"),
    "GET /v1/imports/{file}/rehearsal": Rule(OPERATOR, "own party", "imports:write"),
    "GET /v1/imports/{file}/rejected.{form}": Rule(OPERATOR, "own party", "imports:write"),
    "POST /v1/imports/{file}:record": Rule(OPERATOR, "own party", "imports:write"),
    "GET /v1/import-profiles": Rule(OPERATOR, "any", "imports:write"),
    # stock that lies with its supplier
    "GET /operator/stock": Rule(OPERATOR),
    "GET /stock": Rule(roles("supplier", "brand"), "own party"),
    "POST /stock": Rule(roles("supplier", "brand"), "own party"),
    "POST /v1/stock-feeds": Rule(roles("supplier", "brand"), "own party", "stock:write"),
    "GET /v1/stock-feeds": Rule(roles("supplier", "brand"), "own party", "stock:write"),
    "GET /operator/rejected": Rule(OPERATOR),
    "GET /operator/rejected.csv": Rule(OPERATOR),
    "GET /operator/refusals": Rule(OPERATOR),
    "GET /operator/offers": Rule(OPERATOR),
    "GET /operator/offers/new": Rule(OPERATOR),
    "POST /operator/offers/new": Rule(OPERATOR),
    "GET /operator/offers/{listing}": Rule(OPERATOR),
    "POST /operator/offers/{listing}/move": Rule(OPERATOR),
    "POST /operator/offers/{listing}/words": Rule(OPERATOR),
    "POST /operator/offers/{listing}/audience": Rule(OPERATOR),
    "GET /v1/operator/offers": Rule(OPERATOR, "any", "records:write"),
    "POST /v1/operator/offers": Rule(OPERATOR, "any", "records:write"),
    "GET /v1/operator/offers/{offer}": Rule(OPERATOR, "any", "records:write"),
    "POST /v1/operator/offers/{offer}/moves": Rule(OPERATOR, "any", "records:write"),
    "PUT /v1/operator/offers/{offer}/wording": Rule(OPERATOR, "any", "records:write"),
    "GET /operator/figures": Rule(OPERATOR),
    "GET /operator/figures.csv": Rule(OPERATOR),
    "GET /operator/orders": Rule(OPERATOR),
    "GET /operator/orders/{order}": Rule(OPERATOR),
    # shipments: planned, packed, let go and followed by the operator's staff
    "GET /operator/shipments": Rule(OPERATOR),
    "POST /operator/shipments": Rule(OPERATOR),
    "GET /operator/shipments/{shipment}": Rule(OPERATOR),
    "GET /operator/shipments/{shipment}/labels": Rule(OPERATOR),
    "GET /operator/shipments/{shipment}/pick": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/pick/scan": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/pick/part": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/pick/lot": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/pick/cartons": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/pick/pallets": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/pick/weigh": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/pick/done": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/documents": Rule(OPERATOR),
    "GET /operator/shipments/{shipment}/papers": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/papers": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/papers/facts": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/papers/revoke": Rule(OPERATOR),
    "GET /operator/shipments/{shipment}/papers/{version}/{name}": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/dispatch": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/deliver": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/cancel": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/turn": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/containers": Rule(OPERATOR),
    "POST /operator/shipments/{shipment}/legs": Rule(OPERATOR),
    "POST /v1/shipments:plan": Rule(OPERATOR, "any", "orders:write"),
    "PUT /v1/shipments/{shipment}/packages": Rule(OPERATOR, "any", "orders:write"),
    "POST /v1/shipments/{shipment}/steps": Rule(OPERATOR, "any", "orders:write"),
    "PUT /v1/shipments/{shipment}/legs/{leg}": Rule(OPERATOR, "any", "orders:write"),
    "POST /v1/shipments/{shipment}/dossier": Rule(OPERATOR, "any", "orders:write"),
    "POST /v1/shipments/{shipment}/dossier/revocation": Rule(OPERATOR, "any", "orders:write"),
    "POST /v1/shipments/{shipment}/facts": Rule(OPERATOR, "any", "orders:write"),
    "GET /operator/private": Rule(OPERATOR),
    "POST /operator/private": Rule(OPERATOR),
    "GET /operator/private/lots/{lot}": Rule(OPERATOR),
    "GET /operator/private/records/{event_id}": Rule(OPERATOR),
    "POST /operator/private/records/{event_id}": Rule(OPERATOR),
    "GET /operator/private/articles/{item}": Rule(OPERATOR),
    "POST /operator/private/articles/{item}": Rule(OPERATOR),
    # prices, sale events, and who sees which offer
    "GET /operator/prices": Rule(OPERATOR),
    "POST /operator/prices": Rule(OPERATOR),
    "GET /operator/prices/{price_list}": Rule(OPERATOR),
    "POST /operator/prices/{price_list}": Rule(OPERATOR),
    "POST /operator/prices/{price_list}/remove": Rule(OPERATOR),
    "POST /operator/prices/{price_list}/close": Rule(OPERATOR),
    "POST /operator/prices/{price_list}/sheet": Rule(OPERATOR),
    "GET /operator/references": Rule(OPERATOR),
    "POST /operator/references": Rule(OPERATOR),
    "POST /operator/references/{reference}/withdraw": Rule(OPERATOR),
    "GET /operator/events": Rule(OPERATOR),
    "POST /operator/events": Rule(OPERATOR),
    "GET /operator/events/{event}": Rule(OPERATOR),
    "POST /operator/events/{event}": Rule(OPERATOR),
    "GET /operator/exposures": Rule(OPERATOR),
    "GET /operator/audiences": Rule(OPERATOR),
    "GET /operator/audiences/{listing}": Rule(OPERATOR),
    "POST /operator/audiences/{listing}": Rule(OPERATOR),
    "POST /operator/audiences/{listing}/push": Rule(OPERATOR),
    "POST /operator/audiences/{listing}/companies": Rule(OPERATOR),
    "GET /v1/price-lists": Rule(OPERATOR, "any", "prices:write"),
    "POST /v1/price-lists": Rule(OPERATOR, "any", "prices:write"),
    "GET /v1/price-lists/{price_list}": Rule(OPERATOR, "any", "prices:write"),
    "POST /v1/price-lists/{price_list}/close": Rule(OPERATOR, "any", "prices:write"),
    "POST /v1/price-lists/{price_list}/prices": Rule(OPERATOR, "any", "prices:write"),
    "DELETE /v1/price-lists/{price_list}/prices/{price}": Rule(OPERATOR, "any", "prices:write"),
    "GET /v1/references": Rule(OPERATOR, "any", "prices:write"),
    "POST /v1/references": Rule(OPERATOR, "any", "prices:write"),
    "DELETE /v1/references/{reference}": Rule(OPERATOR, "any", "prices:write"),
    "GET /events": Rule(BUYER, "own company"),
    "GET /events/{event}": Rule(BUYER, "own company"),
    "GET /v1/listings/{listing}/prices": Rule(BUYER, "own company", "catalogue:read"),
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
