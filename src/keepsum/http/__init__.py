"""One door: the web interface for programs, a module for each noun of the URL."""
