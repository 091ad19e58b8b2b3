"""The pipelines: a file goes in, evidence and a case draft come out. Knows nothing of demo/."""
