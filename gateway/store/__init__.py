"""The gateway's rows and the statements over them. Rows never leave this folder."""
