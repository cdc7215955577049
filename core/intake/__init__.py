"""Arrival: settle, seal, register."""
