"""What the readers noticed in a file: `problem.<code>`, with the details of the note as placeholders."""

TEXTS: dict[str, tuple[str, str]] = {
    # any file
    "problem.empty": ("The file is empty: zero bytes.", "Het bestand is leeg: nul bytes."),
    "problem.zeros": (
        "There are only zeros where {what} should be, from byte {at}: room was reserved and never filled, or it was lost.",
        "Waar {what} hoort te staan, staan vanaf byte {at} alleen nullen: de ruimte is gereserveerd en nooit gevuld, of verloren gegaan.",
    ),
    "problem.truncated": (
        "Bytes are missing: the file ends within {what}, at byte {at}. The upload broke off, or the copy did.",
        "Er ontbreken bytes: het bestand houdt op midden in {what}, bij byte {at}. De upload is afgebroken, of de kopie.",
    ),
    "problem.changed": (
        "The file changed while it was read: {was} bytes before, {now} after.",
        "Het bestand veranderde terwijl het gelezen werd: eerst {was} bytes, daarna {now}.",
    ),
    "problem.checksum": (
        "The checksum of {what} does not fit: bytes were changed on the way.",
        "De controlesom van {what} klopt niet: er zijn onderweg bytes veranderd.",
    ),
    "problem.structure": (
        "The bytes contradict themselves at {what}: the file is damaged.",
        "De bytes spreken elkaar tegen bij {what}: het bestand is beschadigd.",
    ),
    "problem.limit": (
        "A bound was reached ({what}): no genuine package comes near it. Not read any further.",
        "Een grens is bereikt ({what}): geen echt pakket komt in de buurt. Niet verder gelezen.",
    ),
    "problem.newer-format": (
        "{what} states version {version}, which we do not know: what we read may be incomplete.",
        "{what} noemt versie {version}, die wij niet kennen: wat wij lezen is mogelijk onvolledig.",
    ),
    # cabinets and zips
    "problem.trailing": (
        "{bytes} bytes follow after the end. They were left alone.",
        "Na het einde volgen nog {bytes} bytes. Die zijn met rust gelaten.",
    ),
    "problem.member-size": (
        "{member} should have {stated} bytes; only {delivered} are there.",
        "{member} hoort {stated} bytes te hebben; er zijn er maar {delivered}.",
    ),
    "problem.wrapped-2gb": (
        "The package broke at the limit of 2 GB when it was made: its block count went round and bytes are missing.",
        "Het pakket is bij het maken op de grens van 2 GB stukgegaan: de bloktelling is rondgelopen en er ontbreken bytes.",
    ),
    "problem.packing-unknown": (
        "Packed in a way that we do not read ({packing}): what is inside stays unknown.",
        "Ingepakt op een manier die wij niet lezen ({packing}): wat erin zit blijft onbekend.",
    ),
    "problem.cabinet-split": (
        "One part of a set of cabinets. It can only be read as one file: ask for a package in one piece.",
        "Een deel van een reeks kabinetten. Het is alleen als één bestand te lezen: vraag een pakket uit één stuk.",
    ),
    "problem.unsafe-name": (
        "A file inside bears a name that would leave its folder or deceive: {member}. It was read, and nothing was written.",
        "Een bestand in het pakket heeft een naam die buiten zijn map zou treden of misleidt: {member}. Het is gelezen; er is niets geschreven.",
    ),
    "problem.zip-encrypted": (
        "{member} is encrypted in the zip: send the back-up itself, or a zip without password.",
        "{member} is in de zip versleuteld: stuur de back-up zelf, of een zip zonder wachtwoord.",
    ),
    "problem.no-database-inside": (
        "There is no database in this package. Found: {found}.",
        "In dit pakket zit geen database. Gevonden: {found}.",
    ),
    "problem.manifest-bad": (
        "It calls itself a practice package, and its description cannot be read.",
        "Het noemt zich een oefenpakket, maar de beschrijving is niet te lezen.",
    ),
    # media and data files
    "problem.encrypted": (
        "{what} is encrypted: a certificate of the server is needed to read it.",
        "{what} is versleuteld: om het te lezen is een certificaat van de server nodig.",
    ),
    "problem.record-unknown": (
        "{what} is a kind of record that we do not know. Not read any further there.",
        "{what} is een soort record die wij niet kennen. Daar is niet verder gelezen.",
    ),
    "problem.page-count": (
        "Set {set} should hold {expected} pages; {found} are there.",
        "Set {set} hoort {expected} pagina's te bevatten; er zijn er {found}.",
    ),
    # ledgers
    "problem.ledger-unbalanced": (
        "The ledger does not balance: {times:line comes|lines come} to {example}.",
        "Het grootboek is niet in evenwicht: {times:regel komt|regels komen} samen op {example}.",
    ),
    "problem.entry-unbalanced": (
        "{times:entry does|entries do} not balance, {example} for instance.",
        "{times:boeking is|boekingen zijn} niet in evenwicht, bijvoorbeeld {example}.",
    ),
    "problem.entry-number-missing": (
        "{times:line has|lines have} no entry number, in journal {example} for instance.",
        "{times:regel heeft|regels hebben} geen boekstuknummer, bijvoorbeeld in dagboek {example}.",
    ),
    "problem.entry-number-twice": (
        "{times:entry number was|entry numbers were} used twice in one journal and year, {example} for instance.",
        "{times:boekstuknummer is|boekstuknummers zijn} twee keer gebruikt in één dagboek en jaar, bijvoorbeeld {example}.",
    ),
    "problem.account-unknown": (
        "{times:line is|lines are} on an account that is not in the chart of accounts, {example} for instance.",
        "{times:regel staat|regels staan} op een rekening die niet in het rekeningschema staat, bijvoorbeeld {example}.",
    ),
    "problem.account-blocked": (
        "{times:line is|lines are} on a blocked account, {example} for instance.",
        "{times:regel staat|regels staan} op een geblokkeerde rekening, bijvoorbeeld {example}.",
    ),
    "problem.journal-unknown": (
        "{times:line is|lines are} in a journal that does not exist, {example} for instance.",
        "{times:regel staat|regels staan} in een dagboek dat niet bestaat, bijvoorbeeld {example}.",
    ),
    "problem.period-unknown": (
        "{times:line is|lines are} in a period that does not exist, {example} for instance.",
        "{times:regel staat|regels staan} in een periode die niet bestaat, bijvoorbeeld {example}.",
    ),
    "problem.cost-centre-unknown": (
        "{times:line has|lines have} a cost centre that does not exist, {example} for instance.",
        "{times:regel heeft|regels hebben} een kostenplaats die niet bestaat, bijvoorbeeld {example}.",
    ),
    "problem.cost-unit-unknown": (
        "{times:line has|lines have} a cost unit that does not exist, {example} for instance.",
        "{times:regel heeft|regels hebben} een kostendrager die niet bestaat, bijvoorbeeld {example}.",
    ),
    "problem.suspense-open": (
        "{times:suspense account is|suspense accounts are} not zero, {example} for instance.",
        "{times:tussenrekening is|tussenrekeningen zijn} niet nul, bijvoorbeeld {example}.",
    ),
}
