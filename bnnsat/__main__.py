"""`python -m bnnsat`."""

from bnnsat.entry import main

main()
