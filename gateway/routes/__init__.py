"""Routes: one call each, nothing to decide. Who may open what stands in ``gateway.permissions.ROUTES``."""
