"""Display helpers shared by the pages. No rule, number or query lives here."""
