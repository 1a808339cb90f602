"""Reading a record: its rows by conversation, call and leg, its media, what differs in them. Nothing is drawn here.

    rows          Flow: a sequence of FlowRow, of a trace, a capture or a table; skim reads its columns off the bytes
    conversation  its messages by Call-ID, and within one by transaction
    calls, legs   a row a call; the Call-IDs that belong to one
    media         the streams a message asks for
    changes       two messages, header by header
    comparison    several flows, message by message
    history       the proxy's tables before and after a message
    replay        the transactions behind a flow, run again
    tables        DataFrames of commands, contacts and machines

pandas is imported where somebody asks for a table, nowhere else.
"""
