"""Whose goods we take, as the operator decided: depth of permission, age, releases, suppliers' scores."""

import tomllib
from datetime import date

from pydantic import BaseModel, ConfigDict

from ledger.lots.suppliers import Weights


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScorePolicy(_Closed):
    """Parts of 10,000: what each rate weighs in a supplier's score, and the score below which all is checked.

    units_min: received from a supplier before its score counts.
    """

    reject: int
    returned: int
    dispute: int
    full_inspection_below: int
    units_min: int

    def weights(self) -> Weights:
        return Weights(**self.model_dump())


class PermissionPolicy(_Closed):
    """Who may supply what. depth_max: links between brand and supplier. age_months_max: since production.

    released_by_brand: causes of surplus for which an OEM needs the brand's consent.
    """

    id: str
    version: str
    effective: date
    source: str
    depth_max: int
    age_months_max: int
    released_by_brand: tuple[str, ...]
    score: ScorePolicy


def parse_permission(data: bytes) -> PermissionPolicy:
    """Read the policy file; raises ValueError naming the member."""
    policy = PermissionPolicy.model_validate(tomllib.loads(data.decode()))
    policy.score.weights()  # raises where they do not sum
    return policy
