"""A real Kamailio as the engine: a process of its own on loopback, that runs the learner's text.

real_kamailio     Kamailio: the engine; its process, wires, log and tables behind `engine.protocol.Engine`
kamailio_process  a run of the program, which ends with the lab; guardian sees to that, even if Python is killed
cfg_folder        the files it is started on: the learner's lines, and the lab's behind them
mirror            rows of the trace for the messages that it mirrors
log_reader        its log: lines, errors, commands that ran; log_lines reads one
rpc_socket        its tables
start_faults      why it did not start, at the learner's lines
"""

from labsip.engine.kamailio.real_kamailio import Kamailio

__all__ = ["Kamailio"]
