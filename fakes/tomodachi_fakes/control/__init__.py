"""The control API below `/_broker/`: look into the brokers, and do to them what no client could."""
