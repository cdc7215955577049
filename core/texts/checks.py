"""What `wissel check` says: `check.<name>.<finding>`, and what to do about it: the same with `.hint`."""

TEXTS: dict[str, tuple[str, str]] = {
    "check.timeout": ("no answer within {seconds} s", "geen antwoord binnen {seconds} s"),
    "check.timeout.hint": (
        "a disk or a network share hangs: look whether it can be reached",
        "een schijf of netwerkmap hangt: kijk of die bereikbaar is",
    ),
    "check.failed": ("could not be found out: {why}", "kon niet worden vastgesteld: {why}"),
    "check.failed.hint": (
        "the log of the worker ({log}) says more",
        "het logboek van de worker ({log}) zegt meer",
    ),
    "check.no-register": ("not looked at: the register does not open", "niet bekeken: het register gaat niet open"),
    "check.register.ok": ("answers, {seconds} s", "antwoordt, {seconds} s"),
    "check.register.bad": ("{why}", "{why}"),
    "check.register.bad.hint": ("{todo}", "{todo}"),
    "check.custody.ok": ("{lines} lines, the chain holds", "{lines} regels, de keten klopt"),
    "check.custody.broken": (
        "line {seq} of the log was changed or removed",
        "regel {seq} van het logboek is veranderd of verwijderd",
    ),
    "check.custody.broken.hint": (
        "keep the register as it is, compare it with its last copy, and find out who had access",
        "laat het register zoals het is, vergelijk het met de laatste kopie en zoek uit wie erbij kon",
    ),
    "check.office.ok": ("{path}: ours alone", "{path}: alleen van ons"),
    "check.office.missing": ("{path} is not there yet", "{path} is er nog niet"),
    "check.office.missing.hint": (
        "it is made when the worker starts: wissel worker",
        "die wordt gemaakt zodra de worker start: wissel worker",
    ),
    "check.office.open": ("{path}: others can enter it ({mode})", "{path}: anderen kunnen erin ({mode})"),
    "check.office.open.hint": ("chmod 700 {path}", "chmod 700 {path}"),
    "check.office.unwritable": ("{path}: we may not write there", "{path}: wij mogen daar niet schrijven"),
    "check.office.unwritable.hint": (
        "give it to the account that runs the worker: chown -R ACCOUNT {path}",
        "geef die aan het account van de worker: chown -R ACCOUNT {path}",
    ),
    "check.settings.ok": ("{path}: nobody else can write it", "{path}: niemand anders kan erin schrijven"),
    "check.settings.open": ("{path}: others can write it ({mode})", "{path}: anderen kunnen erin schrijven ({mode})"),
    "check.settings.open.hint": ("chmod go-w {path}", "chmod go-w {path}"),
    "check.settings.none": ("no settings file", "geen instellingenbestand"),
    "check.space.ok": ("{free} free for the vault", "{free} vrij voor de kluis"),
    "check.space.low": ("only {free} free for the vault", "nog maar {free} vrij voor de kluis"),
    "check.space.low.hint": (
        "a delivery can be 2 GB: make room, or move the office to a larger disk",
        "een zending kan 2 GB zijn: maak ruimte, of verplaats het kantoor naar een grotere schijf",
    ),
    "check.inbox.ok": ("{path}: {files} waiting", "{path}: {files} wachten"),
    "check.inbox.strays": (
        "{path}: {count} not taken, for they are no ordinary files: {names}",
        "{path}: {count} niet genomen, want geen gewone bestanden: {names}",
    ),
    "check.inbox.strays.hint": (
        "copy the files themselves there; links and subfolders are not followed",
        "kopieer de bestanden zelf erin; koppelingen en submappen worden niet gevolgd",
    ),
    "check.inbox.missing": ("{path} is not there, or no folder", "{path} is er niet, of is geen map"),
    "check.inbox.missing.hint": (
        "make it (mkdir -p {path}), or correct `inboxes` in the settings",
        "maak die (mkdir -p {path}), of verbeter `inboxes` in de instellingen",
    ),
    "check.inbox.unreadable": ("{path} cannot be read: {why}", "{path} kan niet worden gelezen: {why}"),
    "check.inbox.unreadable.hint": (
        "give the worker's account read rights",
        "geef het account van de worker leesrechten",
    ),
    "check.inbox.unwritable": (
        "{path}: sealed files cannot be taken out of it",
        "{path}: verzegelde bestanden kunnen er niet uit",
    ),
    "check.inbox.unwritable.hint": (
        'give the worker write rights, or set after_sealing = "keep"',
        'geef de worker schrijfrechten, of zet after_sealing = "keep"',
    ),
    "check.inbox.none": ("no inbox is set", "er is geen postvak in ingesteld"),
    "check.inbox.none.hint": ("add [[inboxes]] to the settings", "zet [[inboxes]] in de instellingen"),
    "check.outbox.ok": ("{path}: can be written", "{path}: schrijven kan"),
    "check.outbox.none": (
        "no outbox is set: nothing can go back yet",
        "geen postvak uit ingesteld: er kan nog niets terug",
    ),
    "check.outbox.none.hint": ("set `outbox` in the settings", "stel `outbox` in"),
    "check.outbox.missing": ("{path} is not there, or no folder", "{path} is er niet, of is geen map"),
    "check.outbox.missing.hint": (
        "make it (mkdir -p {path}), or correct `outbox` in the settings",
        "maak die (mkdir -p {path}), of verbeter `outbox` in de instellingen",
    ),
    "check.outbox.unwritable": ("{path}: we may not write there", "{path}: wij mogen daar niet schrijven"),
    "check.outbox.unwritable.hint": (
        "give the worker's account write rights",
        "geef het account van de worker schrijfrechten",
    ),
    "check.worker.ok": ("runs", "draait"),
    "check.worker.dead": ("does not run: nothing is taken in", "draait niet: er komt niets binnen"),
    "check.worker.dead.hint": (
        "start the service, or run `wissel worker`; its log is {log}",
        "start de service, of voer `wissel worker` uit; het logboek is {log}",
    ),
    "check.clock.ok": ("agrees with the log", "klopt met het logboek"),
    "check.clock.back": (
        "is {seconds} s behind the last line of the log",
        "loopt {seconds} s achter op de laatste regel van het logboek",
    ),
    "check.clock.back.hint": (
        "set the clock right: switch time synchronisation on",
        "zet de klok goed: zet tijdsynchronisatie aan",
    ),
    "check.targets.none": ("none is declared: every verdict is empty", "geen enkele opgegeven: elk oordeel is leeg"),
    "check.targets.none.hint": ("add [[targets]] to the settings", "zet [[targets]] in de instellingen"),
    "check.target.ok": (
        "{name}: SQL Server {release}, product update {update}",
        "{name}: SQL Server {release}, product update {update}",
    ),
    "check.target.gaps": ("{name}: not known: {facts}", "{name}: niet bekend: {facts}"),
    "check.target.gaps.hint": (
        "rules that need them answer *unknown*: add them to [[targets]]",
        "regels die ze nodig hebben, antwoorden *onbekend*: zet ze bij [[targets]]",
    ),
    "check.target.release": (
        "{name}: SQL Server {release} is in no table",
        "{name}: SQL Server {release} staat in geen tabel",
    ),
    "check.target.release.hint": (
        "correct sql_release, or add a row to `tables`",
        "verbeter sql_release, of voeg een rij toe aan `tables`",
    ),
    "check.target.shared": (
        "{name}: not an isolated exchange instance (rule 211)",
        "{name}: geen afgezonderde uitwisselinstance (regel 211)",
    ),
    "check.target.shared.hint": (
        "use an instance that holds nothing but client administrations, then set isolated = true",
        "gebruik een instance met alleen administraties van cliënten, en zet dan isolated = true",
    ),
    "check.tables.ok": ("{releases} releases, newest {newest}", "{releases} versies, nieuwste {newest}"),
    "check.tables.bad": ("cannot be used: {why}", "zijn niet bruikbaar: {why}"),
    "check.tables.bad.hint": ("{todo}", "{todo}"),
    "check.driver.ok": ("pyodbc loads, for {names}", "pyodbc laadt, voor {names}"),
    "check.driver.unneeded": ("not needed: no SQL Server target", "niet nodig: geen doelomgeving met SQL Server"),
    "check.driver.practice": (
        "not needed: a practice office never calls {names}",
        "niet nodig: een oefenkantoor roept {names} nooit aan",
    ),
    "check.driver.missing": (
        "{what} is not there; the SQL Server targets need it: {names}",
        "{what} is er niet; de doelomgevingen met SQL Server hebben het nodig: {names}",
    ),
    "check.driver.missing.hint": ("{todo}", "{todo}"),
    "check.arrivals.ok": ("nothing is stuck", "er zit niets vast"),
    "check.arrivals.stale": (
        "{count} on their way for over {minutes} minutes, first {id}",
        "{count} al meer dan {minutes} minuten onderweg, eerste {id}",
    ),
    "check.arrivals.stale.hint": (
        "a sender still has the file open, or stopped halfway: ask whether it can be sent again",
        "een afzender heeft het bestand nog open of stopte halverwege: vraag of het opnieuw kan",
    ),
    "check.vault.ok": (
        "{count} originals looked at, all as sealed",
        "{count} originelen bekeken, alle zoals verzegeld",
    ),
    "check.vault.missing": ("the original of {id} is not there", "het origineel van {id} is er niet"),
    "check.vault.missing.hint": (
        "put it back from a back-up of the vault",
        "zet het terug uit een back-up van de kluis",
    ),
    "check.vault.changed": (
        "the original of {id} is not what was sealed",
        "het origineel van {id} is niet wat verzegeld werd",
    ),
    "check.vault.changed.hint": (
        "put it back from a back-up of the vault, and find out who can write there",
        "zet het terug uit een back-up van de kluis, en zoek uit wie daar kan schrijven",
    ),
    "check.server.ok": (
        "{name}: {edition}, version {version}, {collation}, {free} free",
        "{name}: {edition}, versie {version}, {collation}, {free} vrij",
    ),
    "check.server.silent": ("{name}: {why}", "{name}: {why}"),
    "check.server.silent.hint": ("{todo}", "{todo}"),
    "check.server.differs": (
        "{name}: the settings say {fact} = {declared}, the server says {said}",
        "{name}: de instellingen zeggen {fact} = {declared}, de server zegt {said}",
    ),
    "check.server.differs.hint": (
        "the settings count for the verdicts: correct {fact}, or take it out",
        "de instellingen tellen voor het oordeel: verbeter {fact}, of haal het weg",
    ),
    "check.server.rights": (
        "{name}: the login {login} lacks {rights}: nothing can be restored",
        "{name}: de login {login} mist {rights}: teruglezen kan niet",
    ),
    "check.server.rights.hint": (
        "let a DBA grant it, or make the login a member of dbcreator",
        "laat een DBA het toekennen, of de login lid maken van dbcreator",
    ),
    "check.server.blind": (
        "{name}: the login {login} lacks {rights}: free space and progress stay unknown",
        "{name}: de login {login} mist {rights}: vrije ruimte en voortgang blijven onbekend",
    ),
    "check.server.blind.hint": ("let a DBA grant it", "laat een DBA het toekennen"),
    "check.server.sysadmin": (
        "{name}: the login {login} is sysadmin, which is more than wissel needs",
        "{name}: de login {login} is sysadmin, dat is meer dan wissel nodig heeft",
    ),
    "check.server.sysadmin.hint": (
        "a stranger's database that gets hold of it has the whole server: use a login with dbcreator only",
        "een vreemde database die hem in handen krijgt, heeft de hele server: gebruik een login met alleen dbcreator",
    ),
    "check.server.strangers": (
        "{name}: {count:database does|databases do} not belong on an exchange instance: {names}",
        "{name}: {count:database hoort|databases horen} niet op een uitwisselinstance: {names}",
    ),
    "check.server.strangers.hint": (
        "move them elsewhere, or set isolated = false",
        "verplaats ze, of zet isolated = false",
    ),
    "check.server.company": (
        "{name}: other databases are here too ({count}): {names}",
        "{name}: hier staan ook andere databases ({count}): {names}",
    ),
    "check.server.company.hint": (
        "a client's back-up is a stranger's program: an instance of its own is better",
        "een back-up van een cliënt is een vreemd programma: een eigen instance is beter",
    ),
    "check.server.options": (
        "{name}: options are on that reach beyond a database: {options}",
        "{name}: er staan opties aan die buiten een database reiken: {options}",
    ),
    "check.server.options.hint": (
        "switch them off with sp_configure, unless something here needs them",
        "zet ze uit met sp_configure, tenzij iets hier ze nodig heeft",
    ),
    "check.server.plain": (
        "{name}: the line is not encrypted: passwords and data can be read on the network",
        "{name}: de verbinding is niet versleuteld: wachtwoorden en gegevens zijn op het netwerk te lezen",
    ),
    "check.server.plain.hint": ('set encrypt = "yes"', 'zet encrypt = "yes"'),
    "check.server.unchecked": (
        "{name}: the line is encrypted, but the server's certificate is not checked ({driver})",
        "{name}: de verbinding is versleuteld, maar het certificaat van de server wordt niet gecontroleerd ({driver})",
    ),
    "check.server.unchecked.hint": (
        "use Microsoft's driver with trust_certificate = false and a certificate that this machine trusts",
        "gebruik de driver van Microsoft met trust_certificate = false en een certificaat dat deze machine vertrouwt",
    ),
    "check.server.low": ("{name}: only {free} free at the server", "{name}: nog maar {free} vrij op de server"),
    "check.server.low.hint": (
        "make room on the volume of the data files, or point data_path to another one",
        "maak ruimte op het volume van de databestanden, of laat data_path naar een ander wijzen",
    ),
    "check.server.exchange.none": (
        "{name}: no exchange folder is set: only the guided route works here",
        "{name}: er is geen uitwisselmap ingesteld: hier werkt alleen de begeleide route",
    ),
    "check.server.exchange.none.hint": (
        "set exchange_here and exchange_there: one folder, as this console and as the server sees it",
        "stel exchange_here en exchange_there in: één map, zoals deze console en zoals de server hem ziet",
    ),
    "check.server.exchange.here": (
        "{name}: the exchange folder {path} is not there, or we may not write in it",
        "{name}: de uitwisselmap {path} is er niet, of wij mogen er niet schrijven",
    ),
    "check.server.exchange.here.hint": (
        "mount the share, and give the worker's account write rights",
        "koppel de share, en geef het account van de worker schrijfrechten",
    ),
    "check.server.exchange.missing": (
        "{name}: the server does not see the folder {path}",
        "{name}: de server ziet de map {path} niet",
    ),
    "check.server.exchange.missing.hint": (
        "exchange_there is a path at the server, not here; a drive letter of a person does not hold for a service",
        "exchange_there is een pad op de server, niet hier; een stationsletter van een persoon geldt niet voor een service",
    ),
    "check.server.exchange.denied": (
        "{name}: the service of SQL Server ({account}) may not enter {path}",
        "{name}: de service van SQL Server ({account}) mag niet in {path}",
    ),
    "check.server.exchange.denied.hint": (
        "give that account the right to read and write there",
        "geef dat account het recht om daar te lezen en te schrijven",
    ),
}
