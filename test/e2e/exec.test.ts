import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLI, temporaryFolder } from './command-line.js'
import { Executing, rivetOtelExec, standInRivet } from './executing.js'

/** Nothing is wrong with a place that is a file, and a state database that is there. */
function folderWithState(): string {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, '.rivet_state.db'), '')
  return cwd
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

const AT_ONCE = 4
const BYTES = 4_000_003
/** Any bytes, in pieces of any size, on both streams at once; they wait for a reader that is slow. */
const NOISE = `
import hashlib, os, sys, threading
def write(fd, seed):
    hash, block, left = hashlib.sha256(), os.urandom(0), ${BYTES}
    while left > 0:
        block = hashlib.sha256(block + seed).digest() * 300
        piece = block[:min(left, len(block))]
        hash.update(piece)
        left -= len(piece)
        while piece:
            piece = piece[os.write(fd, piece):]
    return hash.hexdigest()
sums = {}
threads = [threading.Thread(target=lambda fd=fd: sums.__setitem__(fd, write(fd, bytes([fd])))) for fd in (1, 2)]
for t in threads: t.start()
for t in threads: t.join()
open('sums', 'w').write(sums[1] + ' ' + sums[2])
`

describe('the command of exec', () => {
  it('writes to standard output and standard error, byte for byte, and nothing is added', async () => {
    const cwd = folderWithState()
    const executing = new Executing(['--', 'python3', '-c', NOISE], { cwd })
    executing.process.stdout?.pause()
    setTimeout(() => executing.process.stdout?.resume(), 300)
    const { code, stdout, stderr } = await executing.ended()
    expect(code).toBe(0)
    expect(stdout).toHaveLength(BYTES)
    expect(stderr).toHaveLength(BYTES)
    expect(`${sha256(stdout)} ${sha256(stderr)}`).toBe(readFileSync(join(cwd, 'sums'), 'utf8'))
  })

  it('reads standard input to its end, byte for byte', async () => {
    const input = randomBytes(3_000_001)
    const executing = new Executing(['--', 'cat'], { cwd: folderWithState(), stdin: 'pipe' })
    executing.process.stdin?.end(input)
    const { code, stdout, stderr } = await executing.ended()
    expect({ code, stderr: String(stderr) }).toEqual({ code: 0, stderr: '' })
    expect(sha256(stdout)).toBe(sha256(input))
  })

  it('gets its arguments as they are, whatever they look like', async () => {
    const words = ['--help', '-c', '--', '', 'a b', "'", '"', '$HOME', '*', 'ü\n', '--to=x', '-V']
    const print = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'
    const args = ['--', process.execPath, '-e', print, '--', ...words]
    const { stdout, stderr } = await rivetOtelExec(args, { cwd: folderWithState() })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual(words)
  })

  it('has the open files of whoever started it', () => {
    if (process.platform !== 'linux') {
      console.log('UNCHECKED: open files of a command, which only Linux lists')
      return
    }
    const cwd = folderWithState()
    const script = `"$0" "$1" exec --to o.jsonl -- sh -c 'echo one >&3; echo two >&6' 3>a 6>b`
    execFileSync('sh', ['-c', script, process.execPath, CLI], { cwd })
    expect(readFileSync(join(cwd, 'a'), 'utf8')).toBe('one\n')
    expect(readFileSync(join(cwd, 'b'), 'utf8')).toBe('two\n')
  })

  it('has the environment and the folder of whoever started it', async () => {
    const cwd = folderWithState()
    const env = { A: 'b', OTEL_SERVICE_NAME: 'etl', TRACESTATE: 'a=b' }
    const { stdout } = await rivetOtelExec(['--', 'sh', '-c', 'env; pwd -P'], { cwd, env })
    const lines = stdout.trim().split('\n')
    expect(lines).toEqual(expect.arrayContaining(['A=b', 'OTEL_SERVICE_NAME=etl', cwd]))
    expect(lines.filter((line) => line.startsWith('TRACE'))).toEqual([
      expect.stringMatching(/^TRACEPARENT=00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    ])
  })

  it('ends with its own exit code, those that mean something to us or to a shell too', async () => {
    const cwd = folderWithState()
    const all = [
      0, 1, 2, 3, 4, 5, 42, 64, 77, 124, 125, 126, 127, 128, 129, 130, 137, 143, 254, 255,
    ]
    const ends = async (code: number) => {
      const args = ['--dry-run', '--', 'sh', '-c', `exit ${code}`]
      const { signal, ...ended } = await rivetOtelExec(args, { cwd })
      return { wanted: code, signal, code: ended.code, stdout: ended.stdout }
    }
    for (let i = 0; i < all.length; i += AT_ONCE) {
      for (const ended of await Promise.all(all.slice(i, i + AT_ONCE).map(ends)))
        expect(ended).toEqual({
          wanted: ended.wanted,
          code: ended.wanted,
          signal: null,
          stdout: '',
        })
    }
  }, 120_000)

  it('is not found, or cannot be started, as in a shell', async () => {
    const cwd = folderWithState()
    writeFileSync(join(cwd, 'text'), 'no program\n')
    writeFileSync(join(cwd, 'script'), '#!/no/such/interpreter\n')
    chmodSync(join(cwd, 'script'), 0o755)
    mkdirSync(join(cwd, 'folder'))
    const outcomes = [
      [['no-such-program', 'secret'], 127, 'rivet-otel: no-such-program: command not found\n'],
      [['/no/such/folder/program'], 127, 'rivet-otel: program: command not found\n'],
      [[''], 127, 'rivet-otel: the command is an empty text\n'],
      [['./text'], 126, 'rivet-otel: text: not executable\n'],
      [['./folder'], 126, 'rivet-otel: folder: not executable\n'],
      [
        ['./script'],
        126,
        'rivet-otel: script: its interpreter, or a library that it needs, was not found\n',
      ],
    ] as const
    for (const [words, code, stderr] of outcomes)
      expect(await rivetOtelExec(['--', ...words], { cwd })).toMatchObject({
        code,
        stderr,
        stdout: '',
      })
  })

  it.each([
    [['exec'], 'expected the command after --'],
    [['--'], 'expected the command after --'],
    [['touch', 'ran'], 'expected the command after --'],
    [['touch', '--', 'touch', 'ran'], 'expected the command after --'],
    [['--json', '--', 'touch', 'ran'], "unknown option '--json'"],
    [['--to', 'http://h:1', '--timeout', 'x', '--', 'touch', 'ran'], '--timeout: expected'],
    [['--to', 'postgres://h/db', '--', 'touch', 'ran'], 'a state database is only read'],
    [['--from', 'tempo+http://h:1', '--', 'touch', 'ran'], 'only a state database can be followed'],
    [['--from', 'a', '-c', 'b', '--', 'touch', 'ran'], '--from and -c both name'],
    [['--ledger', 'l.db', '--', 'touch', 'ran'], '--ledger is about an OTLP endpoint'],
    [['--redact', 'nothing', '--', 'touch', 'ran'], '--redact'],
  ])('is not run where the command line is wrong: %j', async (args, words) => {
    const cwd = folderWithState()
    const { code, stdout, stderr } = await rivetOtelExec(args[0] === 'exec' ? [] : args, { cwd })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(words)
    expect(existsSync(join(cwd, 'ran'))).toBe(false)
  })

  it('says nothing where all is well', async () => {
    const cwd = temporaryFolder()
    const rivet = standInRivet(cwd)
    const ended = await rivetOtelExec(['--', rivet, 'run'], { cwd })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toMatch(/^events_full_\d+_0\n$/)
  })
})
