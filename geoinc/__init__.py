"""Turn reports of past incidents into places, layers, maps, counts and distances."""
