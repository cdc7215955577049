"""The two fronts: the screen and the command line. They draw frozen values and order actions; they compute nothing."""

VERSION = "0.1.0"
