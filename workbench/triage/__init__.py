"""What a message says: intents, sentiment, urgency, language, warning signs, references.

`model.TriageModel` is the keyless default; `ports` says what may stand beside or before it.
"""
