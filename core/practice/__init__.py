"""A practice office: settings, clients, targets and deliveries that show every kind of verdict.

**Practice package.** A cabinet, clearly marked, never mistaken for a real back-up. Its first member is
`wissel-practice.json` (UTF-8 JSON, at most 64 KiB), its second `administration.sqlite`:

    {"wissel_practice": 1,                  version of this layout
     "client": "KLM-044",                   client code as the sender writes it
     "administration_number": "120",        three digits
     "administration_name": "...",
     "database": "120",                     name of the database it stands for
     "product_update": 421, "service_pack": 0, "family": "next",
     "sql_release": "2016", "internal_version": 852,
     "backup_date": "2026-11-19",           ISO date
     "started_at": "2026-11-19T17:32:05",   ISO, local to the sender
     "data_bytes": 49152}                   size of the database file

What comes back to the client is such a package, too, and says so:

     "returned_by": "...",                  the firm
     "delivery": "D-0007",                  what it answers
     "operation": "O-0012"                  the return that made it

`administration.sqlite` holds one administration under Globe's own names (`core.administration.globe`): tables and
indexes, and nothing that does something by itself. What is unpacked is compared with what the manifest says of it
(`core.administration.package`). `client_side.py` opens a package as its client would.
"""
