"""Capture files: the record of a lab written as one, anybody's read as a record.

In comes a pcap or pcapng file, out come `DatagramRow` rows, and the other way round. Reading goes a step a file:

    window      the file's bytes, unpacked where they are gzip
    container   numbered frames, in either format: savefile (pcap) or pcapng
    link        where in a frame the IP header begins, a row a link type
    ip, tcp     fragments and segments put together again
    scan        SIP messages in datagrams and streams
    read        rows of a trace, and a flow of them; names says who the parties are
    omissions   what is not among them, and why

Writing goes the other way: `write` (names, comments), `frames`, `savefile` or `pcapng`; a server writes into a
`capture_file`.
"""

from labsip.pcap.omissions import Omissions
from labsip.pcap.read import PCAPS, Capture, read_flow, read_pcap
from labsip.pcap.write import pcap_writer, write_pcap

__all__ = ["PCAPS", "Capture", "Omissions", "pcap_writer", "read_flow", "read_pcap", "write_pcap"]
