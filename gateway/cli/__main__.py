"""``python -m gateway.cli``: how one of our processes starts another of the very same program."""

from gateway.cli import main

main()
