"""What `wissel target profile` says of the places of users, roles and licence."""

TEXTS: dict[str, tuple[str, str]] = {
    "profile.title": (
        "Identity profile of {target}, on administration {number}",
        "Identiteitsprofiel van {target}, op administratie {number}",
    ),
    "profile.users": ("can work in it", "kunnen erin werken"),
    "profile.roles": ("roles", "rollen"),
    "profile.licences": ("licence in force", "licentie van kracht"),
    "profile.licence": ("licence declared", "licentie opgegeven"),
    "profile.licence.none": ("there is none to swap", "er is geen te wisselen"),
    "profile.licence.undeclared": ("not declared", "niet opgegeven"),
    "profile.missing": ("{table} lacks {columns}.", "{table} mist {columns}."),
    "profile.wanted": (
        "A new row in {table} needs a value for {columns}: give it in profile.values.",
        "Een nieuwe rij in {table} heeft een waarde nodig voor {columns}: geef die in profile.values.",
    ),
    "profile.like-licence": ("looks like licences", "lijkt op licenties"),
    "profile.like-users": ("looks like users", "lijkt op gebruikers"),
    "profile.candidate": (
        "{table} ({rows:row|rows}): number {number}, active {active}, data {data}",
        "{table} ({rows:rij|rijen}): nummer {number}, actief {active}, gegevens {data}",
    ),
    "profile.log": (
        "{table} ({rows:row|rows}): only a log, by its name",
        "{table} ({rows:rij|rijen}): alleen een logboek, naar de naam",
    ),
    "profile.user-table": ("{table} ({rows:row|rows}): login {columns}", "{table} ({rows:rij|rijen}): login {columns}"),
    "profile.good": ("The profile fits.", "Het profiel past."),
    "profile.guided": (
        "The profile is not complete: until it is, the guided route is taken.",
        "Het profiel is niet volledig: zolang dat zo is, geldt de begeleide weg.",
    ),
    "profile.trial-good": (
        "Tried on a scratch copy: {logins} could work, and the client came back as it was. The copy is gone.",
        "Geprobeerd op een wegwerpkopie: {logins} konden erin werken, en de cliënt kwam terug zoals hij was. De kopie is weg.",
    ),
    "profile.trial-bad": (
        "Tried on a scratch copy: it does not come back as it was. The copy is gone.",
        "Geprobeerd op een wegwerpkopie: het komt niet terug zoals het was. De kopie is weg.",
    ),
    "profile.touched": ("also touched: {tables}", "ook geraakt: {tables}"),
    "profile.differs": ("{count:difference|differences}: {first}", "{count:verschil|verschillen}: {first}"),
}
