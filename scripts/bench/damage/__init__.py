"""What the benchmark of planted damages consists of: a home, its answers, and the damages."""
