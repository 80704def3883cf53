"""What a heuristic hands over."""

from bnnsat.network import Network

Found = tuple[Network, int]
"""A network and the errors that its finder counted; the run counts them again."""
