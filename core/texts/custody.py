"""One sentence for each kind of line in the custody log: `custody.<what>`."""

TEXTS: dict[str, tuple[str, str]] = {
    "custody.arrived": ("{file} arrived in {inbox} ({size} bytes)", "{file} kwam binnen in {inbox} ({size} bytes)"),
    "custody.unreadable": ("cannot be read: {reason}", "niet te lezen: {reason}"),
    "custody.sealed": ("sealed, {size} bytes, SHA-256 {sha256}", "verzegeld, {size} bytes, SHA-256 {sha256}"),
    "custody.judged": (
        "judged {word}: {best_target}, work {work}, back {back}, rule {rule}",
        "oordeel {word}: {best_target}, werk {work}, terug {back}, regel {rule}",
    ),
    "custody.bound": (
        "bound to the client ({how}), before: {before}",
        "aan de cliënt gekoppeld ({how}), eerst: {before}",
    ),
    "custody.told": ("told: {fact} = {value}", "verteld: {fact} = {value}"),
    "custody.reopened": (
        "started over from the sealed original, time {times}",
        "opnieuw begonnen vanuit het verzegelde origineel, keer {times}",
    ),
    "custody.gone": (
        "{file} left the inbox before it was sealed",
        "{file} verdween uit het postvak voordat het verzegeld was",
    ),
    "custody.client": (
        "client noted: {name}, {administrations} administrations",
        "cliënt vastgelegd: {name}, {administrations} administraties",
    ),
    "custody.client-changed": (
        "client changed: {name}, {administrations} administrations",
        "cliënt gewijzigd: {name}, {administrations} administraties",
    ),
}
