"""The one door: everything a front may ask or order. Light to import; the rooms below are opened when needed."""

from core.office.desk import Office, SinceLeft
from core.office.inside.opened import Inside, open_inside
from core.office.orders import YES
from core.office.outside import (
    InspectView,
    closed_office,
    config_check,
    config_init,
    config_show,
    entry_file,
    inspect_file,
    make_practice,
    open_as_client,
)

__all__ = [
    "YES",
    "Inside",
    "InspectView",
    "Office",
    "SinceLeft",
    "closed_office",
    "config_check",
    "config_init",
    "config_show",
    "entry_file",
    "inspect_file",
    "make_practice",
    "open_as_client",
    "open_inside",
]
