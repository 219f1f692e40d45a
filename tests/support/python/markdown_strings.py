"""Stand-in for a dependency of brian2tools 0.3 that package indexes no longer offer."""
