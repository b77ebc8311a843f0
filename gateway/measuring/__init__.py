"""What is measured at a bench before anybody states it: questions, answers, what is missing. Pure."""
