"""The exchange desk without a front: bytes -> evidence -> verdict -> plan -> operation -> custody."""
