"""Runs a command on a pseudo-terminal of 80 columns, or of as many as TERMINAL_COLUMNS says.

  terminal.py COMMAND...   reads the steps from stdin, as JSON: [["expect", "text"], ["send", "keys"], ...]
  ["file", "path"] waits until there is such a file, ["wait", "0.1"] so many seconds.

Prints what the terminal shows as it comes, and ends with the command's exit code (128 + the signal, as in a shell).
"""
import fcntl, json, os, pty, select, struct, sys, termios, time

steps, command = json.load(sys.stdin), sys.argv[1:]
columns = int(os.environ.pop("TERMINAL_COLUMNS", "80"))
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.execvp(command[0], command)

shown, searched_from, deadline = b"", 0, time.monotonic() + 150
while True:
    while steps:
        action, text = steps[0]
        if action == "send":
            os.write(terminal, text.encode())
        elif action == "file":
            if not os.path.exists(text):
                break
        elif action == "wait":
            time.sleep(float(text))
        else:
            found = shown.find(text.encode(), searched_from)
            if found < 0:
                break
            searched_from = found + len(text.encode())
        steps.pop(0)
    if time.monotonic() > deadline:
        os.kill(pid, 9)
        sys.exit("terminal.py: the terminal did not show: %s" % json.dumps(steps[:1]))
    if select.select([terminal], [], [], 0.1)[0]:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break  # the command has closed the terminal
        if not chunk:
            break
        shown += chunk
        sys.stdout.buffer.write(chunk)
        sys.stdout.flush()

status = os.waitpid(pid, 0)[1]
sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
