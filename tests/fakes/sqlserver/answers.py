"""Errors and messages by their number, with the server's English text (sys.messages). What is not here is no answer."""

from __future__ import annotations

from typing import Final

from fakes.sqlserver.seam import Info, ServerError

NOT_FOUND, NO_PATH, DENIED, FULL = (
    "2(The system cannot find the file specified.)",
    "3(The system cannot find the path specified.)",
    "5(Access is denied.)",
    "112(There is not enough space on the disk.)",
)
"""What the operating system says, within 3201, 5133 and their like. SQL Server on Linux uses the same words."""

ERRORS: Final[dict[int, str]] = {
    102: "Incorrect syntax near '{0}'.",
    104: "ORDER BY items must appear in the select list if the statement contains a UNION operator.",
    109: "There are more columns in the INSERT statement than values specified in the VALUES clause.",
    110: "There are fewer columns in the INSERT statement than values specified in the VALUES clause.",
    137: 'Must declare the scalar variable "{0}".',
    145: "ORDER BY items must appear in the select list if SELECT DISTINCT is specified.",
    147: "An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause.",
    164: "Each GROUP BY expression must contain at least one column that is not an outer reference.",
    195: "'{0}' is not a recognized built-in function name.",
    201: "Procedure or function '{0}' expects parameter '@{1}', which was not supplied.",
    207: "Invalid column name '{0}'.",
    208: "Invalid object name '{0}'.",
    209: "Ambiguous column name '{0}'.",
    213: "Column name or number of supplied values does not match table definition.",
    220: "Arithmetic overflow error for data type {0}, value = {1}.",
    226: "{0} statement not allowed within multi-statement transaction.",
    229: "The {0} permission was denied on the object '{1}', database '{2}', schema '{3}'.",
    232: "Arithmetic overflow error for type {0}, value = {1}.",
    241: "Conversion failed when converting date and/or time from character string.",
    242: "The conversion of a {0} data type to a {1} data type resulted in an out-of-range value.",
    245: "Conversion failed when converting the {0} value '{1}' to data type {2}.",
    257: "Implicit conversion from data type {0} to {1} is not allowed. Use the CONVERT function to run this query.",
    262: "{0} permission denied in database '{1}'.",
    264: "The column name '{0}' is specified more than once in the SET clause or column list of an INSERT.",
    272: "Cannot update a timestamp column.",
    273: "Cannot insert an explicit value into a timestamp column. Use INSERT with a column list to exclude the "
    "timestamp "
    "column, or insert a DEFAULT into the timestamp column.",
    297: "The user does not have permission to perform this action.",
    300: "VIEW SERVER STATE permission was denied on object 'server', database 'master'.",
    306: "The text, ntext, and image data types cannot be compared or sorted, except when using IS NULL or LIKE "
    "operator.",
    402: "The data types {0} and {1} are incompatible in the {2} operator.",
    408: "A constant expression was encountered in the ORDER BY list, position {0}.",
    421: "The {0} data type cannot be selected as DISTINCT because it is not comparable.",
    515: "Cannot insert the value NULL into column '{0}', table '{1}'; column does not allow nulls. {2} fails.",
    529: "Explicit conversion from data type {0} to {1} is not allowed.",
    544: "Cannot insert explicit value for identity column in table '{0}' when IDENTITY_INSERT is set to OFF.",
    545: "Explicit value must be specified for identity column in table '{0}' either when IDENTITY_INSERT is set to ON "
    "or when a replication user is inserting into a NOT FOR REPLICATION identity column.",
    596: "Cannot continue the execution because the session is in the kill state.",
    911: "Database '{0}' does not exist. Make sure that the name is entered correctly.",
    916: 'The server principal "{0}" is not able to access the database "{1}" under the current security context.',
    922: "Database '{0}' is being recovered. Waiting until recovery is finished.",
    924: "Database '{0}' is already open and can only have one user at a time.",
    927: "Database '{0}' cannot be opened. It is in the middle of a restore.",
    942: "Database '{0}' cannot be opened because it is offline.",
    945: "Database '{0}' cannot be opened due to inaccessible files or insufficient memory or disk space.  See the SQL "
    "Server errorlog for details.",
    948: "The database '{0}' cannot be opened because it is version {1}. This server supports version {2} and earlier. "
    "A downgrade path is not supported.",
    1033: "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table "
    "expressions, unless TOP, OFFSET or FOR XML is also specified.",
    1205: "Transaction (Process ID {0}) was deadlocked on lock resources with another process and has been chosen as "
    "the deadlock victim. Rerun the transaction.",
    1222: "Lock request time out period exceeded.",
    1505: "The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name '{0}' "
    "and "
    "the index name '{1}'. The duplicate key value is ({2}).",
    1801: "Database '{0}' already exists. Choose a different database name.",
    1802: "CREATE DATABASE failed. Some file names listed could not be created. Check related errors.",
    1813: "Could not open new database '{0}'. CREATE DATABASE is aborted.",
    1827: "CREATE DATABASE or ALTER DATABASE failed because the resulting cumulative database size would exceed your "
    "licensed limit of {0} MB per database.",
    1828: 'The logical file name "{0}" is already in use. Choose a different name.',
    1834: "The file '{0}' cannot be overwritten.  It is being used by database '{1}'.",
    1844: "BACKUP DATABASE WITH COMPRESSION is not supported on {0}.",
    2627: "Violation of PRIMARY KEY constraint '{0}'. Cannot insert duplicate key in object '{1}'.",
    2601: "Cannot insert duplicate key row in object '{1}' with unique index '{0}'.",
    2628: "String or binary data would be truncated in table '{0}', column '{1}'. Truncated value: '{2}'.",
    2714: "There is already an object named '{0}' in the database.",
    2715: "Column, parameter, or variable #{0}: Cannot find data type {1}.",
    2520: "Could not find database '{0}'. The database either does not exist, or was dropped before a statement "
    "tried to "
    "use it. Verify if the database exists by querying the sys.databases catalog view.",
    2812: "Could not find stored procedure '{0}'.",
    3013: "{0} is terminating abnormally.",
    3021: "Cannot perform a backup or restore operation within a transaction.",
    3101: "Exclusive access could not be obtained because the database is in use.",
    3102: "{0} cannot process database '{1}' because it is in use by this session. It is recommended that the master "
    "database be used when performing this operation.",
    3110: "User does not have permission to RESTORE database '{0}'.",
    3117: "The log or differential backup cannot be restored because no files are ready to rollforward.",
    3118: 'The database "{0}" does not exist. RESTORE can only create a database when restoring either a full '
    "backup or "
    "a file backup of the primary file.",
    3119: "Problems were identified while planning for the RESTORE statement. Previous messages provide details.",
    3132: "The media set has {0} media families but only {1} are provided. All members must be provided.",
    3154: "The backup set holds a backup of a database other than the existing '{0}' database.",
    3156: "File '{0}' cannot be restored to '{1}'. Use WITH MOVE to identify a valid location for the file.",
    3159: 'The tail of the log for the database "{0}" has not been backed up. Use BACKUP LOG WITH NORECOVERY to backup '
    "the log if it contains work you do not want to lose. Use the WITH REPLACE or WITH STOPAT clause of the RESTORE "
    "statement to just overwrite the contents of the log.",
    3169: "The database was backed up on a server running version {0}. That version is incompatible with this server, "
    "which is running version {1}. Either restore the database on a server that supports the backup, or use a backup "
    "that is compatible with this server.",
    3176: "File '{0}' is claimed by '{1}'({2}) and '{3}'({4}). The WITH MOVE clause can be used to relocate one or "
    "more "
    "files.",
    3183: 'RESTORE detected an error on page ({0}:{1}) in database "{2}" as read from the backup set.',
    3187: "RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information.",
    3189: "Damage to the backup set was detected.",
    3201: "Cannot open backup device '{0}'. Operating system error {1}.",
    3202: 'Write on "{0}" failed: {1}',
    3203: 'Read on "{0}" failed: {1}',
    3204: "The backup or restore was aborted.",
    3211: "{0} percent processed.",
    3234: "Logical file '{0}' is not part of database '{1}'. Use RESTORE FILELISTONLY to list the logical file names.",
    3241: "The media family on device '{0}' is incorrectly formed. SQL Server cannot process this media family.",
    3242: "The file on device '{0}' is not a valid Microsoft Tape Format backup set.",
    3250: "The value '{0}' is not within range for the {1} parameter.",
    3257: "There is insufficient free space on disk volume '{0}' to create the database. The database requires {1} "
    "additional free bytes, while only {2} bytes are available.",
    3266: 'The backup data at the end of "{0}" is incorrectly formatted. Backup sets on the media might be damaged and '
    "unusable. To determine the backup sets on the media, use RESTORE HEADERONLY. To determine the usability of the "
    "backup sets, run RESTORE VERIFYONLY. If all of the backup sets are incomplete, reformat the media using BACKUP "
    "WITH FORMAT, which destroys all the backup sets.",
    3287: "The file ID {0} on device '{1}' is incorrectly formed and can not be read.",
    3605: "Schema verification failed for database '{0}'.",
    3701: "Cannot drop the {0} '{1}', because it does not exist or you do not have permission.",
    3702: 'Cannot drop database "{0}" because it is currently in use.',
    3703: 'Cannot detach the database "{0}" because it is currently in use.',
    3708: "Cannot drop the database '{0}' because it is a system database.",
    3902: "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.",
    3903: "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.",
    3906: 'Failed to update database "{0}" because the database is read-only.',
    4060: 'Cannot open database "{0}" requested by the login. The login failed.',
    4104: 'The multi-part identifier "{0}" could not be bound.',
    4145: "An expression of non-boolean type specified in a context where a condition is expected, near '{0}'.",
    5009: "One or more files listed in the statement could not be found or could not be initialized.",
    5011: "User does not have permission to alter database '{0}', the database does not exist, or the database is "
    "not in "
    "a state that allows access checks.",
    5030: "The database could not be exclusively locked to perform the operation.",
    5058: "Option '{0}' cannot be set in database '{1}'.",
    5061: "ALTER DATABASE failed because a lock could not be placed on database '{0}'. Try again later.",
    5064: "Changes to the state or options of database '{0}' cannot be made at this time. The database is in "
    "single-user "
    "mode, and a user is currently connected to it.",
    5069: "ALTER DATABASE statement failed.",
    5070: "Database state cannot be changed while other users are using the database '{0}'",
    5120: 'Unable to open the physical file "{0}". Operating system error {1}',
    5123: "CREATE FILE encountered operating system error {0} while attempting to open or create the physical file "
    "'{1}'.",
    5133: 'Directory lookup for the file "{0}" failed with the operating system error {1}.',
    5170: "Cannot create file '{0}' because it already exists. Change the file path or the file name, and retry the "
    "operation.",
    5171: "{0} is not a primary database file.",
    5173: "One or more files do not match the primary file of the database. If you are attempting to attach a "
    "database, "
    "retry the operation with the correct files.  If this is an existing database, the file may be corrupted and "
    "should be restored from a backup.",
    6104: "Cannot use KILL to kill your own process.",
    6106: "Process ID {0} is not an active process ID.",
    8003: "The incoming request has too many parameters. The server supports a maximum of 2100 parameters. Reduce the "
    "number of parameters and resend the request.",
    8102: "Cannot update identity column '{0}'.",
    8106: "Table '{0}' does not have the identity property. Cannot perform SET operation.",
    8107: "IDENTITY_INSERT is already ON for table '{0}'. Cannot perform SET operation for table '{1}'.",
    8114: "Error converting data type {0} to {1}.",
    8115: "Arithmetic overflow error converting {0} to data type {1}.",
    8116: "Argument data type {0} is invalid for argument {1} of {2} function.",
    8117: "Operand data type {0} is invalid for {1} operator.",
    8120: "Column '{0}' is invalid in the select list because it is not contained in either an aggregate function "
    "or the "
    "GROUP BY clause.",
    8121: "Column '{0}' is invalid in the HAVING clause because it is not contained in either an aggregate function or "
    "the GROUP BY clause.",
    8127: 'Column "{0}" is invalid in the ORDER BY clause because it is not contained in either an aggregate '
    "function or "
    "the GROUP BY clause.",
    8134: "Divide by zero error encountered.",
    8152: "String or binary data would be truncated.",
    8155: "No column name was specified for column {0} of '{1}'.",
    8169: "Conversion failed when converting from a character string to uniqueidentifier.",
    8921: "Check terminated. A failure was detected while collecting facts. Possibly tempdb out of space or a system "
    "table is inconsistent. Check previous errors.",
    8939: "Table error: Object ID {0}, index ID {1}, partition ID 0, alloc unit ID 0 (type Unknown), page "
    "({2}:{3}). Test "
    "(IS_OFF (BUF_IOERR, pBUF->bstat)) failed. Values are 133129 and -4.",
    10738: "The number of row value expressions in the INSERT statement exceeds the maximum allowed number of 1000 row "
    "values.",
    15007: "'{0}' is not a valid login or you do not have permission.",
    15010: "The database '{0}' does not exist. Supply a valid database name. To see available databases, use "
    "sys.databases.",
    15023: "User, group, or role '{0}' already exists in the current database.",
    15151: "Cannot {0} the {1} '{2}', because it does not exist or you do not have permission.",
    15217: "Property cannot be updated or deleted. Property '{0}' does not exist for 'object specified'.",
    15233: "Property cannot be added. Property '{0}' already exists for 'object specified'.",
    15247: "User does not have permission to perform this action.",
    18456: "Login failed for user '{0}'.",
}

SEVERITIES: Final[dict[int, int]] = {
    102: 15, 104: 15, 109: 15, 110: 15, 137: 15, 145: 15, 195: 15, 229: 14, 262: 14, 264: 15, 297: 16, 300: 14, 596: 21,
    916: 14, 924: 14, 927: 14, 942: 14, 945: 14, 948: 20, 1033: 15, 1205: 13, 2627: 14, 2601: 14, 3183: 16, 3257: 16,
    3701: 11, 4060: 11, 4145: 15, 5011: 14, 15247: 16, 10738: 15, 18456: 14, 6106: 16, 306: 16, 3211: 0,
}  # fmt: skip
"""Where it is not 16."""


def error(number: int, *values: object, state: int = 1) -> ServerError:
    """The error as a client sees it."""
    return ServerError(number, ERRORS[number].format(*values), SEVERITIES.get(number, 16), state)


def unlisted(what: str) -> ServerError:
    """What a real server may well understand but nobody here emits: added to the list knowingly, or not at all."""
    return ServerError(102, f"Incorrect syntax near '{what}'. [test server: not on its closed list]", 15)


def percent(done: int) -> Info:
    """The progress of BACKUP and RESTORE."""
    return Info(3211, ERRORS[3211].format(done), live=True)
