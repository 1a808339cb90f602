"""kamailio.cfg."""
