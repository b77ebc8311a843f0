"""JSON Schemas of what the command line prints."""
