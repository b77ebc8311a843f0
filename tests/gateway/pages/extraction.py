"""Every message id that pages can ask the catalogues for."""

from functools import cache

from babel.messages.extract import extract_from_dir

from gateway.pages import words
from gateway.pages.render import TEMPLATES_DIR
from gateway.statements.catalogue import ACTIONS

Message = str | tuple[str, str]  # a plural has its singular and its plural


@cache
def messages() -> frozenset[Message]:
    """Extract from the templates, and add the vocabulary and what forms of actions ask."""
    found: set[Message] = set(words.message_ids())
    for action in ACTIONS.values():
        found.update(text for field in action.fields for text in (field.label, field.hint) if text)
    for _file, _line, message, _comments, _context in extract_from_dir(
        TEMPLATES_DIR,
        method_map=[("**.html", "jinja2.ext:babel_extract")],
        options_map={"**.html": {"newstyle_gettext": "true", "silent": "false"}},
    ):
        found.add((message[0], message[1]) if isinstance(message, tuple) else message)
    return frozenset(found)
