"""What surrounds every page: the language switch, the way in for those who build pages."""

from dataclasses import replace

import pytest

from tests.gateway.web import Caller, find


@pytest.mark.parametrize(
    ("posted", "readable"),
    [
        ("/operator/private", "/operator/private"),
        ("/operator/files/{file}/erase", "/operator/files/{file}/erase"),
        ("/operator/lots/{file}/files", "/operator/lots/{file}"),
        ("/offers/nobodys/reserve", "/offers/nobodys"),
        ("/no/such/page", "/"),
    ],
)
def test_a_page_that_refused_a_form_can_be_read_in_another_language(
    caller: Caller, posted: str, readable: str
) -> None:
    """A link to the form's own address would be answered with 405."""
    caller.signed_in("operator")
    name = "0" * 20
    refused = caller.post(posted.format(file=name), data={"csrf_token": "0" * 64})
    assert refused.status_code >= 400
    link = find(r'href="([^"]*\?lang=vi)" lang="vi"', refused.text)
    assert link == f"{readable.format(file=name)}?lang=vi"
    assert caller.get(link).status_code != 405


def test_a_page_that_was_opened_keeps_its_address_and_question(looker: Caller) -> None:
    page = looker.get("/auditor/entries?type=lot.sold&lang=en").text
    assert 'href="?type=lot.sold&amp;lang=vi"' in page


def test_controls_are_shown_in_a_demo_alone(caller: Caller) -> None:
    page = caller.get("/dev/components")
    assert page.status_code == 200
    assert 'class="error-summary"' in page.text
    installation = caller.installation
    installation.config = replace(installation.config, origin="log.example/0000")
    assert not installation.config.is_demo
    assert caller.get("/dev/components").status_code == 404
