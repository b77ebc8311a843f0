"""People in front of a browser: staff and buyers, who follow links and press buttons."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from gateway.people.printed_logins import issue_login
from gateway.wiring import Installation

PASSPHRASE = "unusual words on a quay"
LOOKS_MAX = 120
WIDTH = 1280  # CSS pixels


@dataclass(frozen=True, slots=True)
class House:
    """An installation that is served at ``address``."""

    installation: Installation
    browser: Browser
    address: str

    def signed_in(self, role: Any, company: str | None = None) -> "Person":
        person = self.somebody()
        person.go(f"{issue_login(self.installation, role, company)}?lang=en")
        person.press(person.page.locator("main form button").first)
        return person

    def somebody(self) -> "Person":
        """Not signed in, with a browser of their own."""
        context = self.browser.new_context(viewport={"width": WIDTH, "height": 900})
        return Person(context.new_page(), self.address)


@dataclass(frozen=True, slots=True)
class Person:
    page: Page
    address: str

    def go(self, path: str) -> None:
        self.page.goto(self.address + path.removeprefix(self.address))

    def press(self, button: Locator) -> None:
        """A link or a button; what it leads to is there on return."""
        with self.page.expect_navigation():
            button.click()

    def send(self, action: str, **fields: str) -> None:
        """Fill the form that leads to ``action`` (the end of its address), and press its first button."""
        form = self.form(action)
        if not form.is_visible():
            self.page.locator(f'main details:has(form[action$="{action}"]) > summary').first.click()
        for name, value in fields.items():
            self._enter(form.locator(f'[name="{name}"]'), value)
        self.press(form.locator("button").first)

    def form(self, action: str) -> Locator:
        return self.page.locator(f'main form[action$="{action}"]')

    def follow(self, text: str) -> None:
        self.press(self.page.locator("main a", has_text=text).first)

    def until(self, text: str, path: str) -> None:
        """Look again until it stands there: somebody, or a job of the house, is about to do it."""
        for _ in range(LOOKS_MAX):
            self.go(path)
            if text in self.reads():
                return
            self.page.wait_for_timeout(250)
        raise AssertionError(f"{path} never says {text}")

    def reads(self) -> str:
        return self.page.inner_text("main")

    def leaves(self) -> None:
        self.page.context.close()

    def _enter(self, field: Locator, value: str) -> None:
        kind = field.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "select":
            field.select_option(value)
        elif kind in ("radio", "checkbox"):
            field.and_(self.page.locator(f'[value="{value}"]')).check()
        else:
            field.fill(value)
