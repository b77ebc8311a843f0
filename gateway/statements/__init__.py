"""What people state by a form: a table of actions, each of which makes one signed record."""
