import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { CLI, temporaryFolder } from './command-line.js'
import { Executing, rivetOtelExec } from './executing.js'
import { until } from './watching.js'

function folderWithState(): string {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, '.rivet_state.db'), '')
  return cwd
}

/** Writes the name of each signal that it gets, and ends with 40 and their number at the first line of input. */
const LISTENER = `
import os, select, signal, sys
names = sys.argv[1].split(',')
got = 0
def heard(number, frame):
    global got
    got += 1
    os.write(1, (signal.Signals(number).name + '\\n').encode())
for name in names: signal.signal(getattr(signal, name), heard)
os.write(1, b'ready\\n')
while not select.select([0], [], [], 0.05)[0]: pass
sys.exit(40 + got)
`

describe('a signal that ends the command', () => {
  it.each([
    'SIGHUP',
    'SIGINT',
    'SIGQUIT',
    'SIGABRT',
    'SIGKILL',
    'SIGUSR1',
    'SIGSEGV',
    'SIGUSR2',
    'SIGPIPE',
    'SIGALRM',
    'SIGTERM',
    'SIGXCPU',
    'SIGSYS',
  ] as const)('ends exec as well: %s', async (name) => {
    // Without core files.
    const kill = `ulimit -c 0; kill -${name.slice(3)} $$`
    const cwd = folderWithState()
    const ended = await rivetOtelExec(['--', 'sh', '-c', kill], { cwd })
    expect(ended).toMatchObject({ code: null, signal: name, stdout: '', stderr: '' })
    const sent = readFileSync(join(cwd, 'rivet-traces.otlp.jsonl'), 'utf8')
    expect(sent).toContain(`"rivet.exec.signal","value":{"stringValue":"${name}"}`)
  })
})

describe('a signal that exec gets', () => {
  const passedOn = [
    'SIGTERM',
    'SIGHUP',
    'SIGUSR1',
    'SIGUSR2',
    'SIGALRM',
    'SIGCONT',
    'SIGINT',
    'SIGQUIT',
  ] as const

  it('is passed on to the command, each one of them, and exec waits for its end', async () => {
    const cwd = folderWithState()
    const args = ['--', 'python3', '-c', LISTENER, passedOn.join(',')]
    const executing = new Executing(args, { cwd, stdin: 'pipe' })
    await until(() => executing.said.includes('ready'))
    for (const name of passedOn) {
      executing.process.kill(name)
      await until(() => executing.said.includes(name))
    }
    executing.process.stdin?.end('\n')
    const { code, stdout, stderr } = await executing.ended()
    expect(String(stdout)).toBe(`ready\n${passedOn.join('\n')}\n`)
    expect({ code, stderr: String(stderr) }).toEqual({ code: 40 + passedOn.length, stderr: '' })
    expect(existsSync(join(cwd, 'rivet-traces.otlp.jsonl'))).toBe(true)
  })

  it('ends the command that does not listen, and then exec by the same one', async () => {
    for (const name of passedOn.filter((one) => one !== 'SIGCONT')) {
      const args = ['--dry-run', '--', 'sh', '-c', 'ulimit -c 0; echo ready; exec sleep 60']
      const executing = new Executing(args, { cwd: folderWithState() })
      await until(() => executing.said.includes('ready'))
      executing.process.kill(name)
      expect(await executing.ended()).toMatchObject({ code: null, signal: name })
    }
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'while it sends ends it at once, with the exit code of the command: %s',
    async (name) => {
      const receiver = await OtlpReceiver.start()
      receiver.answer = () => ({ connection: 'silent' })
      try {
        const args = ['--to', receiver.url, '--timeout', '60000', '--', 'sh', '-c', 'exit 7']
        const executing = new Executing(args, { cwd: folderWithState() })
        await until(() => receiver.requests.length > 0)
        executing.process.kill(name)
        const { code, stderr } = await executing.ended()
        expect(String(stderr)).toBe(
          'rivet-otel: stopped before all was sent; the next rivet-otel export sends the rest\n',
        )
        expect(code).toBe(7)
      } finally {
        await receiver.close()
      }
    },
  )
})

/**
 * Types Ctrl-C and then a line into a terminal in which exec runs in the foreground; prints what came and how it ended.
 * Where REDIRECTED is set, the terminal is neither its input nor its output, and Ctrl-C is all that is typed.
 */
const TERMINAL = `
import os, pty, sys, time
pid, terminal = pty.fork()
if pid == 0:
    if 'REDIRECTED' in os.environ:
        for fd, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
            os.dup2(os.open(os.environ['REDIRECTED'] + str(fd), mode), fd)
    os.execvp(sys.argv[1], sys.argv[1:])
if 'REDIRECTED' in os.environ:
    said = os.environ['REDIRECTED'] + '1'
    def wait_for(word):
        while word not in open(said, 'rb').read(): time.sleep(0.02)
    wait_for(b'ready')
    os.write(terminal, bytes([int(os.environ['KEY'])]))
    wait_for(b'SIG')
    time.sleep(0.5)
    open(os.environ['REDIRECTED'] + 'end', 'w').close()
said = b''
typed = 0
while True:
    try: said += os.read(terminal, 1000)
    except OSError: break
    if typed == 0 and b'ready' in said:
        typed = 1
        os.write(terminal, bytes([int(os.environ['KEY'])]))
    if typed == 1 and b'SIG' in said:
        typed = 2
        time.sleep(0.5)
        os.write(terminal, b'\\n')
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(said)
code = 'signal %d' % os.WTERMSIG(status) if os.WIFSIGNALED(status) else 'code %d' % os.WEXITSTATUS(status)
sys.stdout.write(code)
`

function inTerminal(key: number, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(
    'python3',
    ['-c', TERMINAL, process.execPath, CLI, 'exec', ...args],
    {
      cwd: folderWithState(),
      env: { PATH: process.env.PATH ?? '', KEY: String(key) },
      encoding: 'utf8',
    },
  )
  return stdout + stderr
}

/** Listens until a file is there. */
const REDIRECTED_LISTENER = LISTENER.replace(
  'while not select.select([0], [], [], 0.05)[0]: pass',
  "while not os.path.exists('end'): select.select([], [], [], 0.05)",
)

/** What the command writes whose input, output and errors are files. */
function inTerminalRedirected(key: number, name: string): string {
  const cwd = folderWithState()
  for (const descriptor of ['0', '1', '2']) writeFileSync(join(cwd, descriptor), '')
  const words = ['--', 'python3', '-c', REDIRECTED_LISTENER, name]
  const { stdout, stderr } = spawnSync(
    'python3',
    ['-c', TERMINAL, process.execPath, CLI, 'exec', ...words],
    {
      cwd,
      env: { PATH: process.env.PATH ?? '', KEY: String(key), REDIRECTED: `${cwd}/` },
      encoding: 'utf8',
    },
  )
  const said = ['1', '2'].map((descriptor) => readFileSync(join(cwd, descriptor), 'utf8'))
  return [...said, stdout, stderr].join('')
}

describe('in a terminal', () => {
  it.each([
    ['Ctrl-C', 3, 'SIGINT'],
    ['Ctrl-\\', 28, 'SIGQUIT'],
  ])('the command hears %s once', (_, key, name) => {
    const said = inTerminal(key, ['--', 'python3', '-c', LISTENER, name])
    expect(said.match(/SIG\w+/g)).toEqual([name])
    expect(said).toMatch(/code 41$/)
  })

  // Only Linux tells which job is in the foreground of a terminal that is not its input or output.
  it.runIf(process.platform === 'linux').each([
    ['Ctrl-C', 3, 'SIGINT'],
    ['Ctrl-\\', 28, 'SIGQUIT'],
  ])('the command hears %s once where nothing of it is the terminal', (_, key, name) => {
    const said = inTerminalRedirected(key, name)
    expect(said.match(/SIG\w+/g)).toEqual([name])
    expect(said).toMatch(/code 41$/)
  })

  it('Ctrl-C ends the command, and then exec by the same signal', () => {
    const said = inTerminal(3, ['--', 'sh', '-c', 'echo ready; exec sleep 60'])
    expect(said).toMatch(/signal 2$/)
    expect(said).not.toContain('rivet-otel')
  })
})
