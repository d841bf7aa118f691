"""Run Hopcount on a local AWS."""
