"""What every request passes through before a route sees it, and every answer on its way out."""
