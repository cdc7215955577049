"""Where an administration lives, and what is done inside it: users and licence, ledger, corrections."""
