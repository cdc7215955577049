"""What went wrong and what to do: `error.<key>` (what, why) and `hint.<key>`."""

TEXTS: dict[str, tuple[str, str]] = {
    # formats
    # settings
    # register
    # intake
    # office
    # command line
}
