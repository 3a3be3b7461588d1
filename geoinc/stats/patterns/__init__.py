"""Point patterns: how near incidents are to each other, against a null as imprecise as they are."""
