"""Every message id that pages can ask the catalogues for."""

from babel.messages.extract import extract_from_dir

from gateway.pages import words
from gateway.pages.render import TEMPLATES_DIR

Message = str | tuple[str, str]  # a plural has its singular and its plural


def messages() -> set[Message]:
    """Extract from the templates, and add the vocabulary."""
    found: set[Message] = set(words.message_ids())
    for _file, _line, message, _comments, _context in extract_from_dir(
        TEMPLATES_DIR,
        method_map=[("**.html", "jinja2.ext:babel_extract")],
        options_map={"**.html": {"newstyle_gettext": "true", "silent": "false"}},
    ):
        found.add((message[0], message[1]) if isinstance(message, tuple) else message)
    return found
