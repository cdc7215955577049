"""Arrival: a file that stands still is sealed in the vault, read to the end and judged."""
