"""`python -m api.cli` is `signalbox`."""

from . import main

main()
