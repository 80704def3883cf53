"""Certificates: what was trained, how good it is, and why nothing better exists, for others to check."""
