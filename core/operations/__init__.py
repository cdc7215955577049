"""The worker process: it watches, seals and judges, and outlives every screen."""
