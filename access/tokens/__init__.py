"""What the tokens of an OIDC issuer and of the load balancer have in common: shape, signature, claims, fetched keys."""
