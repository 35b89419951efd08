"""What others do with the same data: their software, each in an environment of its own, used as its users use it."""
