"""Cube and conquer: one hard proof in many parts, on one machine or many, joined into one."""
