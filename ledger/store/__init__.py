"""Rows and the statements over them. Rows never leave this folder; frozen values do."""
