"""Words for the customer: phrases, values, writers, the language-model port and the check."""
