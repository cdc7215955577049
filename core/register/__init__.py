"""Clients, deliveries, targets and the custody log: one schema for SQLite and PostgreSQL."""
