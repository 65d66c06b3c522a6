"""Who acts on a request: rules that their owners can read, and the decisions they give."""

from workbench.decide.policy import Policy, load_policy

__all__ = ["Policy", "load_policy"]
