"""What the worker carries out."""
