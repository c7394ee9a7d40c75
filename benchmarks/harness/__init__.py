"""What all measurements share: databases, servers, the stand-in of the provider, load, tables."""
