"""HTML pages: frozen view models, words, and their rendering. No database, no clock, no request."""
