"""The one door: everything a front may ask or order. Light to import; the rooms below are opened when needed."""

from core.office.desk import Office, SinceLeft
from core.office.outside import (
    InspectView,
    closed_office,
    config_check,
    config_init,
    config_show,
    inspect_file,
    make_practice,
)

__all__ = [
    "InspectView",
    "Office",
    "SinceLeft",
    "closed_office",
    "config_check",
    "config_init",
    "config_show",
    "inspect_file",
    "make_practice",
]
