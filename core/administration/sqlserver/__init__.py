"""An administration on a SQL Server instance: the only room that knows `pyodbc` and T-SQL.

names.py quotes, statements.py holds every T-SQL text, connecting.py finds the driver and the line, messages.py makes
errors of numbers, running.py carries statements out, paths.py translates between the console's and the server's view.
"""
