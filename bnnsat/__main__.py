"""`python -m bnnsat`."""

from bnnsat.cli import main

main()
