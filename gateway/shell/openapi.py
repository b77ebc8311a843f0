"""What the OpenAPI description says of every operation: its id, its tag, its problems, its parameters.

Routes say what is theirs; what the shell does with every request is written down here, once.
"""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from gateway.permissions import ROUTES
from gateway.problems import MEDIA_TYPE
from gateway.shell.idempotency import HEADER

PAGES: Final = "pages"
OF_PROGRAMS: Final = ("/v1/", "/livez", "/readyz")
METHODS: Final = ("get", "post", "put", "patch", "delete")
PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457. Match on slug: titles and details are in the reader's language.",
    "required": ["type", "title", "status", "slug", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:lotproof:problem:insufficient-quantity"]},
        "title": {"type": "string", "examples": ["Fewer pieces are left"]},
        "status": {"type": "integer", "examples": [409]},
        "slug": {"type": "string", "examples": ["insufficient-quantity"]},
        "detail": {"type": "string", "examples": ["Ask for at most 12."]},
        "request_id": {"type": "string"},
        "reason": {"type": "string", "description": "Of this very case, in English."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "parameter": {"type": "string", "description": "Name of a parameter or header."},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "reasons": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "Of the gate, with not-eligible: slugs, some with a detail.",
                    },
                },
            },
        },
    },
    "additionalProperties": True,
}
WHY: Final = {
    "400": "The address, a header or a parameter cannot be read.",
    "401": "The API key is not valid.",
    "403": "Not signed in, or not allowed.",
    "404": "There is no such thing, or not for you.",
    "408": "The body did not arrive in time.",
    "409": "Something came first, or is being worked on.",
    "412": "It has changed since it was read.",
    "413": "The body is too large.",
    "415": "The body is of a type or coding that is not taken.",
    "422": "The body does not fit, or a rule says no.",
    "428": "If-Match is missing.",
    "429": "Too many requests; see Retry-After.",
    "500": "Something broke on our side.",
    "503": "The storage does not answer, or nothing could be verified.",
}
ONCE: Final = (
    "/v1/reservations",
    "/v1/orders",
    "/v1/actions/{action}",
    "/v1/lots/{lot}/actions/{action}",
)  # POSTs with an effect on stock or money


def operation_id(route: APIRoute) -> str:
    """Stable names for generated clients: the method and the address in words."""
    words = route.path_format.strip("/").replace(".", "_").replace(":", "/").split("/")
    named = "_".join(f"by_{w.strip('{}')}" if w.startswith("{") else w for w in words if w)
    return (
        f"{min(route.methods or {'GET'}).lower()}_{named or 'home'}".replace("-", "_")
        .replace("{", "")
        .replace("}", "")
    )


def describe(app: FastAPI) -> None:
    """Have ``/v1/openapi.json`` say all of it; made once, when first asked for."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(plain())
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def of_programs(schema: dict[str, Any]) -> dict[str, Any]:
    """The same description without the pages, which people ask for and programs do not."""
    paths = {path: item for path, item in schema["paths"].items() if path.startswith(OF_PROGRAMS)}
    return {**schema, "paths": paths}


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    for name, model in components.items():
        components[name] = _listed(model)
    components["Problem"] = PROBLEM
    for path, item in schema["paths"].items():
        for method in METHODS:
            if method in item:
                _hoist(item[method], components)
                _complete(path, method, item[method])
    return schema


def _hoist(operation: dict[str, Any], components: dict[str, Any]) -> None:
    """Move models within a body to the others: references start at the root of the description."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        for name, model in content.get("schema", {}).pop("$defs", {}).items():
            components[name] = _referred(model)
        if "schema" in content:
            content["schema"] = _referred(content["schema"])


def _referred(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {name: _referred(value) for name, value in schema.items()}
    if isinstance(schema, list):
        return [_referred(one) for one in schema]
    return schema.replace("#/$defs/", "#/components/schemas/") if isinstance(schema, str) else schema


def _listed(schema: Any) -> Any:
    """A word that stands beside numbers as a list of one: generated clients take a constant for the whole."""
    if isinstance(schema, list):
        return [_listed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    is_word = schema.get("type") == "string" and isinstance(schema.get("const"), str)
    return {
        "enum" if is_word and name == "const" else name: [value]
        if is_word and name == "const"
        else _listed(value)
        for name, value in schema.items()
    }


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    is_page = not operation.get("tags")
    operation.setdefault("tags", [PAGES])
    responses = operation["responses"]
    responses.pop("422", None)
    if is_page:
        for answer in responses.values():
            answer["content"] = {"text/html": {}}
    rule = ROUTES.get(f"{method.upper()} {path}")
    codes = {"400", "404", "429", "500", "503"}
    codes |= set() if rule is not None and rule.is_public else {"401", "403"}
    if "requestBody" in operation:
        codes |= {"408", "413", "415", "422"}
    if method != "get":
        codes |= {"403", "409"}
    if any(parameter["in"] != "path" for parameter in operation.get("parameters", ())):
        codes.add("422")
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == HEADER and path in ONCE:
            parameter["required"] = True
        if parameter["name"] == "If-Match":
            parameter["required"] = True
            codes |= {"412", "428"}
    media_type = "text/html" if is_page else "text/plain" if path.startswith("/log") else MEDIA_TYPE
    content = {
        media_type: {"schema": {"$ref": "#/components/schemas/Problem"}} if media_type == MEDIA_TYPE else {}
    }
    for code in sorted(codes - responses.keys()):
        responses[code] = {"description": WHY[code], "content": content}
