"""Frozen values as lines: pure functions, no widget, no clock, no desk."""
