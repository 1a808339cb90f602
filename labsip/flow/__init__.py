"""Reading a record: its rows as tables, by conversation, call and leg, with their media."""
