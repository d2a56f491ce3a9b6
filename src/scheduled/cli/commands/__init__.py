"""What users ask: each ``run`` returns the page that is printed."""
