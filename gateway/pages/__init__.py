"""HTML pages: frozen view models, words, and their rendering. No database, no clock, no request.

Only ``building`` knows more: it fills the view models from what is stored and verified.
"""
