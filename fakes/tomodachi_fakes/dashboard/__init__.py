"""The dashboard: one page that shows both brokers in a browser, and the few lines that serve it."""
