"""Looking inside a database for the fronts: tables, rows, exports, verification. NumPy comes with the first look."""
