"""Runs a command of bash on a terminal, and types an answer once a prompt is there, as a person would.

    python3 terminal.py PROMPT ANSWER COMMAND
"""

import fcntl
import os
import pty
import struct
import sys
import termios

prompt, answer, command = (word.encode() for word in sys.argv[1:])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", "-c", command])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
seen = b""
typed = False
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        # Linux says so where nobody holds the other end any more.
        break
    if not part:
        break
    os.write(1, part)
    seen += part
    if not typed and prompt in seen:
        os.write(terminal, answer + b"\r")
        typed = True
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256)
