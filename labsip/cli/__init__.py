"""The command `labsip`: serve, demo, lab."""
