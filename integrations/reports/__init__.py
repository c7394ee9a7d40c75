"""What providers report about messages: read here, kept by `integrations.deliveries`."""
