"""Evaluation runs: one version of everything, tried on the same cases as another."""
