"""Capture files: the record of a lab written as one, anybody's read as a record.

In comes a pcap or pcapng file, out come `DatagramRow` rows, and the other way round. Reading goes down a file a step:
stream (bytes, gzip) → savefile, pcapng (the two formats) → container (numbered frames) → link → ip → tcp, framing
(messages in streams) → capture (rows) → read (a flow). Writing goes up: write (parties, comments) → frames → packets
→ save.
"""

from labsip.pcap.capture import Capture
from labsip.pcap.left_out import LeftOut
from labsip.pcap.read import read_flow, read_pcap
from labsip.pcap.samples import PCAPS
from labsip.pcap.write import pcap_writer, write_pcap

__all__ = ["PCAPS", "Capture", "LeftOut", "pcap_writer", "read_flow", "read_pcap", "write_pcap"]
