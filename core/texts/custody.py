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
    "custody.ordered": (
        "{operation}: {order} ordered, {target} {number}",
        "{operation}: {order} opgedragen, {target} {number}",
    ),
    "custody.answered": ("{operation}: {text}", "{operation}: {text}"),
    "custody.operation-cancelled": (
        "{operation}: {order} cancelled at step {step}, all is as it was",
        "{operation}: {order} afgebroken bij stap {step}, alles is zoals het was",
    ),
    "custody.operation-undone": (
        "{operation}: {order} failed at step {step}, all is as it was",
        "{operation}: {order} mislukt bij stap {step}, alles is zoals het was",
    ),
    "custody.operation-failed": (
        "{operation}: {order} failed at step {step}, somebody has to look",
        "{operation}: {order} mislukt bij stap {step}, iemand moet ernaar kijken",
    ),
    "custody.restored": (
        "restored to {target} as {number} ({operation})",
        "teruggelezen op {target} als {number} ({operation})",
    ),
    "custody.corrected": (
        "corrected: entry no. {entries} ({operation})",
        "gecorrigeerd: boekstuk {entries} ({operation})",
    ),
    "custody.reversed": (
        "{reversed} reversed: entry no. {entries} ({operation})",
        "{reversed} tegengeboekt: boekstuk {entries} ({operation})",
    ),
    "custody.returned": (
        "return back-up {file} released, SHA-256 {sha256} ({operation})",
        "retourback-up {file} vrijgegeven, SHA-256 {sha256} ({operation})",
    ),
    "custody.handed-over": ("{file} handed over: {text} ({operation})", "{file} overgedragen: {text} ({operation})"),
    "custody.set-aside": (
        "{number} at {target} set aside ({operation})",
        "{number} op {target} terzijde gelegd ({operation})",
    ),
    "custody.made-room": (
        "{number} at {target} set aside for {by} ({operation})",
        "{number} op {target} terzijde gelegd voor {by} ({operation})",
    ),
    "custody.laid-aside": ("set aside ({operation})", "terzijde gelegd ({operation})"),
    "custody.client": (
        "client noted: {name}, {administrations:administration|administrations}",
        "cliënt vastgelegd: {name}, {administrations:administratie|administraties}",
    ),
    "custody.client-changed": (
        "client changed: {name}, {administrations:administration|administrations}",
        "cliënt gewijzigd: {name}, {administrations:administratie|administraties}",
    ),
}
