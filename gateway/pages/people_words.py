"""The vocabulary of accounts: what slugs of roles, keys, companies and events are called."""

from typing import Final

ROLES: Final = {"administrator": "Administrator", "brand": "Brand", "device": "Device"}

PLACE_KINDS: Final = {
    "house": "this installation",
    "registrar": "registrar of this log",
    "operator": "operator of this log",
    "buyer": "buyer",
    "brand": "brand owner",
    "supplier": "supplier",
    "agent": "authorised agent",
    "inspector": "inspection company",
    "refurbisher": "repair workshop",
    "carrier": "carrier",
    "insurer": "insurer",
}

COMPANY_STATES: Final = {
    "pending": "Waits for approval",
    "approved": "Approved",
    "refused": "Refused",
}

NUMBER_CHECKS: Final = {
    "valid": "Check digits fit",
    "not-checked": "Not checked: no check digits are published for this country",
}

KEY_STATES: Final = {"stands": "Valid", "expired": "Expired", "revoked": "Revoked"}

SCOPES: Final = {
    "catalogue:read": "Read offers and prices",
    "orders:read": "Read reservations and orders",
    "orders:write": "Reserve and order",
    "documents:read": "Fetch documents",
    "records:write": "Prepare records for signing",
    "files:write": "Add photos and papers to lots",
    "imports:write": "Import suppliers' sheets",
    "prices:write": "Enter prices and price lists",
    "stock:write": "State the stock of goods that lie with us",
}

LIFETIMES: Final = {"30-days": "30 days", "90-days": "90 days", "a-year": "One year"}

EVENT_KINDS: Final = {
    "signed-in": "Signed in",
    "sign-in-failed": "Sign-in failed",
    "sign-in-throttled": "Sign-in made to wait",
    "second-factor-failed": "Second factor failed",
    "recovery-code-used": "Recovery code used",
    "denied": "Refused",
    "form-refused": "Form from elsewhere refused",
    "key-refused": "API key refused",
    "password-changed": "Password changed",
    "second-factor-set": "Second factor set up",
    "second-factor-reset": "Second factor reset",
    "password-reset": "Password reset",
    "invited": "Invited",
    "invitation-accepted": "Invitation accepted",
    "company-applied": "Company applied",
    "company-decided": "Company decided on",
    "company-role-set": "Role in a company set",
    "key-made": "API key made",
    "key-revoked": "API key revoked",
    "user-disabled": "User disabled",
    "user-enabled": "User enabled",
    "membership-ended": "Role taken away",
    "sessions-ended": "Signed out everywhere",
}

FORM_ERRORS: Final = {
    "sign-in-wrong": "E-mail address or password is wrong.",
    "must-wait": "Too many attempts. Wait, then try again.",
    "email-unreadable": "Enter a whole e-mail address, with its @ and its domain.",
    "text-missing": "Fill this in.",
    "text-too-long": "This is too long.",
    "text-unreadable": "Use ordinary characters only.",
    "password-too-short": "Use at least 12 characters.",
    "password-too-long": "Use at most 128 characters.",
    "password-common": "This is among the first passwords that anybody tries. Choose another one.",
    "password-about-you": "This is your name or address. Choose something that nobody can look up.",
    "passwords-differ": "The two passwords differ.",
    "password-wrong": "This is not your password.",
    "account-not-joined": "This account cannot be joined: the password is wrong, or the address is in use.",
    "code-wrong": "This code is not valid. Each one works once, and for half a minute.",
    "choice-unknown": "Choose one of these.",
    "number-invalid": "This is no registration number of that country: its check digits do not fit.",
    "scopes-missing": "Choose at least one.",
    "ledger-key-unknown": "No key of your party is registered under this id.",
    "role-unfit": "Nobody has that role there.",
    "already-decided": "A colleague has decided already.",
    "own-password": "An administrator's own password is changed on the account page.",
    "last-administrator": "This is the last administrator: nobody could let anybody in again.",
}

FLASHES: Final = {
    "profile-saved": "Your details were saved.",
    "password-changed": "Your password was changed. You are signed out everywhere else.",
    "session-ended": "That browser is signed out.",
    "key-revoked": "The key was revoked. It opens nothing any more.",
    "invitation-withdrawn": "The invitation was withdrawn.",
    "user-changed": "The account was changed.",
    "company-decided": "The decision was saved. It holds from now on.",
}

TABLES: Final = {
    "place_kinds": PLACE_KINDS,
    "company_states": COMPANY_STATES,
    "number_checks": NUMBER_CHECKS,
    "key_states": KEY_STATES,
    "scopes": SCOPES,
    "lifetimes": LIFETIMES,
    "event_kinds": EVENT_KINDS,
}
