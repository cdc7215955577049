"""The screens and dialogs. Each draws what it was given and orders actions of the registry."""
