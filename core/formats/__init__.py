"""Bytes to facts, and the cabinet writer. No clock, no network, no database, no settings."""
