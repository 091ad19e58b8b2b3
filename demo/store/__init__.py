"""Cases, media, evidence, events and jobs in a database."""
