"""Quality and speed, measured on samples with truth: tables for people, JSON for machines."""
