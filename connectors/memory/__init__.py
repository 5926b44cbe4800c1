"""A place that exists in memory only, and can lie: for tests, demonstrations and conformance."""
