"""The two fronts: screen and command line. They draw frozen values and order actions."""
