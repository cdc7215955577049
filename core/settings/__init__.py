"""Settings: typed, documented under each field, from file, environment and command line."""

from core.settings.fields import Firm, Inbox, Settings, TargetSettings
from core.settings.load import Origin, find_config, load, origins
from core.settings.secret import SecretRef
from core.settings.starter import config_init, starter_text

__all__ = [
    "Firm",
    "Inbox",
    "Origin",
    "SecretRef",
    "Settings",
    "TargetSettings",
    "config_init",
    "find_config",
    "load",
    "origins",
    "starter_text",
]
