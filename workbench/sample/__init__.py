"""Synthetic data with known truths in it, the same bytes for the same seed."""
