"""Labels on paper and on rolls: formats as data, sheets as PDF, each page read again."""
