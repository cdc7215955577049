"""Evidence and rules: the same evidence gives the same verdict, each reason with its rule number."""
