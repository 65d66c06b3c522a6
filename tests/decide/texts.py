"""A small policy as its file has it."""

SMALL = """\
[policy]
name = "small"
owner = "Ana"
since = 2026-01-01

[thresholds]
default = 0.75

[thresholds.stakes]
high = 0.9

[thresholds.intent]
invoice_copy = 0.6

[limits]
"credit.issue" = { EUR = 49.99, JPY = 8000 }

[[rule]]
id = "threats"
owner = "Bo"
since = 2026-01-01
level = "escalate"
reason = "safety_concern"
why = "Threats go to a person."
when = [{ field = "sensitive", op = "in", value = ["threat", "self_harm"] }]

[[rule]]
id = "small-credit"
owner = "Bo"
since = 2026-01-01
level = "automate"
why = "Small credits are cheap."
when = [
  { field = "action", op = "==", value = "credit.issue" },
  { field = "amount", op = "<=", value = "@limit" },
]

[[rule]]
id = "sure"
owner = "Bo"
since = 2026-01-01
level = "automate"
why = "Understood."
when = [
  { field = "action", op = "is_null" },
  { field = "confidence", op = ">=", value = "@threshold" },
]

[[rule]]
id = "hard"
owner = "Bo"
since = 2026-01-01
level = "assist"
reason = "other"
why = "Hard or unknown matters."
when = [{ any = [
  { field = "complexity", op = ">", value = 2 },
  { field = "complexity", op = "is_null" },
] }]
"""
