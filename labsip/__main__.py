"""`python -m labsip`: the command, for the Python at hand."""

from labsip.cli.main import main

main()
