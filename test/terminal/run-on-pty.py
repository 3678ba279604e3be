"""Runs a program on a terminal of its own: `run-on-pty.py COLUMNS ROWS STDIN PROGRAM ARGUMENT...`.

Orders come as JSON lines on standard input, what happens goes out as JSON lines. File descriptor 3 and
standard error go on to the program; STDIN is `terminal` or `null`.
"""

import base64, fcntl, json, os, pty, select, signal, struct, sys, termios

columns, rows, stdin, *program = sys.argv[1:]


def resize(columns, rows):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))


def modes():
    flags = termios.tcgetattr(master)[3]
    return {"echo": bool(flags & termios.ECHO), "canonical": bool(flags & termios.ICANON)}


def tell(**facts):
    print(json.dumps(facts), flush=True)


master, slave = pty.openpty()
resize(columns, rows)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    os.dup2(slave if stdin == "terminal" else os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(slave, 1)
    for fd in (master, slave):
        os.close(fd)
    os.set_inheritable(3, True)
    os.execvp(program[0], program)

reading = True
orders = b""
while True:
    pid, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
    over = pid == child and not os.WIFSTOPPED(status) and not os.WIFCONTINUED(status)
    ready, _, _ = select.select([0] + ([master] if reading else []), [], [], 0 if over else 0.02)
    if master in ready:
        tell(output=base64.b64encode(os.read(master, 65536)).decode())
    if pid == child and os.WIFSTOPPED(status):
        tell(stopped=True, **modes())
    if over:
        while reading and select.select([master], [], [], 0)[0]:
            tell(output=base64.b64encode(os.read(master, 65536)).decode())
        ending = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else None
        code = None if ending else os.WEXITSTATUS(status)
        tell(ended=True, code=code, signal=ending, **(modes() if reading else {}))
        break
    if 0 not in ready:
        continue
    got = os.read(0, 65536)
    if not got:
        os.kill(child, signal.SIGKILL)
        break
    *lines, orders = (orders + got).split(b"\n")
    for order in map(json.loads, lines):
        if "keys" in order:
            os.write(master, order["keys"].encode())
        elif "signal" in order:
            os.kill(child, signal.Signals[order["signal"]])
        elif "columns" in order:
            resize(order["columns"], order["rows"])
        elif "reading" in order:
            reading = order["reading"]
            tell(reading=reading)
        elif "modes" in order:
            tell(**modes())
        elif "hangup" in order:
            reading = False
            os.close(slave)
            os.close(master)
