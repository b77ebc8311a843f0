"""A request to register a key, signed by that key: proof that whoever asks holds it.

::

    {"v": 1, "origin": "log.example/lots", "kind": "party", "party": "party:…", "public_key": "<64 hex>",
     "scopes": ["lot.inspected:inspector"], "custody": "self", "replaces": "<64 hex>", "sig": "<base64>"}

    sig = Ed25519("lotproof/key-request/v1" || 0x0A || JCS(every member but sig))

It moves nothing by itself. The record that follows is signed by the registrars and by the key again
(records.md 3); the request only tells them what to write, and that nobody asks for another's key.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from ledger.core import canonical, keys
from ledger.core.encoding import decode_base64, encode_base64
from ledger.core.envelope import Closed, validated
from ledger.core.keys import key_id
from ledger.core.subjects import Hash, PartyId
from ledger.errors import InvalidRecord, ProofError
from ledger.ports import Signer
from ledger.records.parties import Custody, PublicKey, Scopes

_DOMAIN = b"lotproof/key-request/v1\n"
Kind = Literal["party", "registrar"]


class KeyRequest(Closed):
    """kind: a party's key, or a registrar's. scopes: ascending; none for a registrar.

    replaces: id of the key that ends when this one begins; absent for a further key.
    """

    v: Annotated[int, Field(ge=1, le=1)] = 1
    origin: str
    kind: Kind
    party: PartyId
    public_key: PublicKey
    scopes: Scopes
    custody: Custody
    replaces: Hash | None = None

    @property
    def key(self) -> str:
        """Key id."""
        return key_id(bytes.fromhex(self.public_key))

    @classmethod
    def from_json(cls, value: Any) -> "KeyRequest":
        """Read a decoded file and verify its signature. Raises InvalidRecord."""
        if not isinstance(value, dict) or not isinstance(value.get("sig"), str):
            raise InvalidRecord("a key request is an object with a sig")
        members = {name: member for name, member in value.items() if name != "sig"}
        request = validated(cls, members)
        canonical.check_text(members)
        if request.scopes != sorted(set(request.scopes)):
            raise InvalidRecord("scopes ascend, each once", pointer="/scopes")
        try:
            keys.verify(bytes.fromhex(request.public_key), decode_base64(value["sig"]), request.signed)
        except ProofError as error:
            raise InvalidRecord(f"the key did not sign this request: {error}", pointer="/sig") from error
        return request

    @property
    def signed(self) -> bytes:
        return _DOMAIN + canonical.dumps(self.model_dump(exclude_none=True))

    def to_json(self, signer: Signer) -> dict[str, Any]:
        """The signed request. signer: the key that it is about."""
        assert signer.public_key.hex() == self.public_key
        return {**self.model_dump(exclude_none=True), "sig": encode_base64(signer.sign(self.signed))}
