"""Inside a database: from a file's bytes to the rows of its tables, without SQL Server. The only user of NumPy."""
