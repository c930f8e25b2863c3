/** Every option of every command is given a secret where it does not belong; none may come out again. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { withoutConnectionSecrets } from '../../src/journal/connection-secrets.js'
import { stateDatabase } from '../sources/places.js'
import { temporaryFolder } from './command-line.js'
import { runHere } from './in-process.js'
import { all, found, ROWS, secret } from './planted-secrets.js'
import { smallRun } from './small-runs.js'

/** What belongs to some options, and to others by a slip of the hand alone. Nothing listens at port 1. */
const MISPLACED: readonly string[] = [
  // Cut to be quoted, it would not be known for a URL with a password.
  `postgres://ana:${secret()}${'x'.repeat(400)}@127.0.0.1:1/shop`,
  // Where a slash is not encoded, the password looks like a port and a path.
  `postgres://ana:12/34${secret()}@127.0.0.1:1/shop`,
  `ana:${secret()}@127.0.0.1:1/shop`,
  `http://ana:${secret()}@127.0.0.1:1/v1?key=${secret()}`,
  `tempo+http://ana:${secret()}@127.0.0.1:1/?key=${secret()}`,
  `host=db user=ana password=${secret()}`,
]

/** Headers that are none, and some that are. */
const HEADERS: readonly string[] = [
  `authorization: Bearer ${secret()}`,
  `x-api-key: ${secret()}`,
  `x-api-key: ${secret()}=$NONE`,
  `x-api-key: ${secret()}=@none`,
  `authorization=$2y$10$${secret()}`,
  `authorization=Bearer ${secret()}`,
  `content-type=${secret()}`,
  `x-api-key=${secret()}\u0000`,
]

const DEBUG = { RIVET_OTEL_DEBUG: '1' }
const RUN_ID = 'orders_0'

async function helpOf(...command: readonly string[]): Promise<string> {
  return (await runHere([...command, '--help'], { cwd: process.cwd() })).stdout
}

/** The commands that the help lists. */
async function commands(): Promise<string[]> {
  const [, list = ''] = (await helpOf()).split('\nCommands:\n')
  return [...(list.split('\n\n')[0] ?? '').matchAll(/^ {2}(\w+)/gm)].map(([, name = '']) => name)
}

/** The options of a command that take a value. */
async function optionsOf(command: string): Promise<string[]> {
  return [...(await helpOf(command)).matchAll(/^ {2}(?:-\w, )?(--[\w-]+) [<[]/gm)].map(
    ([, name = '']) => name,
  )
}

const home = process.cwd()
let folder = ''
beforeEach(() => {
  folder = temporaryFolder()
  stateDatabase(
    [
      ...ROWS.slice(0, 1),
      {
        run_id: RUN_ID,
        export_name: 'orders',
        finished_at: '2026-11-21T09:00:00+00:00',
        text: smallRun(RUN_ID).trim(),
      },
    ],
    'delete',
    join(folder, '.rivet_state.db'),
  )
  mkdirSync(join(folder, 'tmp'))
  process.chdir(folder)
})
afterAll(() => process.chdir(home))

const NOBODY = 'http://127.0.0.1:1'
const NO_TEMPO = ['tempo+http://127.0.0.1:1', '--retry-for', '0']

/** The ways in which each command works, so that an option is not refused for want of another one. */
const WAYS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  export: [
    ['--to', NOBODY, '--retry-for', '0'],
    ['--to', 'sent.otlp.jsonl'],
    ['--to', 'sent.otlp.jsonl', '--verify'],
    ['--to', NOBODY, '--dry-run'],
  ],
  watch: [
    ['--to', NOBODY, '--retry-for', '0'],
    ['--to', 'sent.otlp.jsonl'],
  ],
  exec: [
    ['--to', NOBODY, '--retry-for', '0'],
    ['--to', 'sent.otlp.jsonl'],
    ['--to', NOBODY, '--dry-run'],
  ],
  import: [
    ['--from', 'traces.otlp.jsonl'],
    ['--from', ...NO_TEMPO],
  ],
  runs: [[], ['--from', 'traces.otlp.jsonl'], ['--from', ...NO_TEMPO]],
  show: [[RUN_ID], [RUN_ID, '--from', 'traces.otlp.jsonl'], [RUN_ID, '--from', ...NO_TEMPO]],
  report: [
    [RUN_ID, '--force'],
    [RUN_ID, '--to', '-'],
    [RUN_ID, '--force', '--from', 'traces.otlp.jsonl'],
    [RUN_ID, '--force', '--from', ...NO_TEMPO],
  ],
  diff: [
    [RUN_ID, RUN_ID],
    [RUN_ID],
    [RUN_ID, RUN_ID, '--gate', 'plan', '--from', 'traces.otlp.jsonl'],
    [RUN_ID, '--from', ...NO_TEMPO],
  ],
  id: [[RUN_ID]],
  verify: [
    ['--in', 'traces.otlp.jsonl'],
    ['--in', ...NO_TEMPO],
  ],
  correlate: [
    [RUN_ID, '--in', ...NO_TEMPO],
    [RUN_ID, '--chunk', '--json', '--grafana', NOBODY, '--in', ...NO_TEMPO],
  ],
  doctor: [
    ['--to', NOBODY, '--in', ...NO_TEMPO, '--wait', '0s'],
    ['--to', NOBODY, '--in', ...NO_TEMPO, '--dry-run'],
  ],
  serve: [
    ['--listen', '0', '--no-receive'],
    ['--listen', '0', '--to', 'received.otlp.jsonl'],
    ['--listen', '0', '--from', ...NO_TEMPO],
  ],
  help: [[]],
}

/** What `exec` runs; all that comes before it is the line of another command too. */
function whole(line: readonly string[]): string[] {
  return line[0] === 'exec' && !line.includes('--') ? [...line, '--', 'true'] : [...line]
}

/** Lines with each option of a command and each value, in its different ways and with and without JSON. */
async function linesOf(command: string): Promise<string[][]> {
  const options = await optionsOf(command)
  const ways = WAYS[command] ?? []
  return [...MISPLACED, ...HEADERS].flatMap((value, i) => {
    const isHeader = HEADERS.includes(value)
    const fitting = options.filter(
      (option) => (!isHeader || option.endsWith('header')) && !isFreeName(option, value),
    )
    return [
      ...(isHeader ? [] : [[value], [command, value], [command, RUN_ID, value, value]]),
      [command, ...(ways[0] ?? []), `--unknown=${value}`],
      ...fitting.map((option, j) => {
        const line = [command, ...(ways[(i + j) % ways.length] ?? [])]
        if (j % 2 === 0) return [...line, option, value]
        return [...line, `${option}=${value}`, ...(command === 'exec' ? [] : ['--json'])]
      }),
      // What is run may hold secrets, and nothing of it but the program's name is anybody's business.
      ...(command === 'exec' ? [[command, ...(ways[1] ?? []), '--', value, value]] : []),
      ...(command === 'exec' ? [[command, ...(ways[1] ?? []), '--', 'true', value]] : []),
    ]
  })
}

/** A tenant and a namespace are names, which are kept and sent; of a namespace not where it is known for a secret. */
function isFreeName(option: string, value: string): boolean {
  return (
    option === '--tenant' || (option === '--namespace' && withoutConnectionSecrets(value) === value)
  )
}

it('every command of the help is known here', async () => {
  expect(await commands()).toEqual(Object.keys(WAYS))
})

describe.each(Object.keys(WAYS))('%s', (command) => {
  it('repeats no secret that it is given in a wrong place', async () => {
    const made = ['export', '--run-id', RUN_ID, '--to', 'traces.otlp.jsonl']
    expect(await runHere(made, { cwd: folder })).toMatchObject({ code: 0 })
    for (const way of WAYS[command] ?? [])
      expect(
        (await runHere(whole([command, ...way]), { cwd: folder })).code,
        way.join(' '),
      ).not.toBe(2)
    const leaks: string[] = []
    for (const line of await linesOf(command)) {
      const { stdout, stderr } = await runHere(whole(line), { cwd: folder, env: DEBUG })
      if (found(stdout + stderr).length > 0) leaks.push(`${line.join(' ')}\n=> ${stdout}${stderr}`)
    }
    expect(leaks).toEqual([])
    expect(found(all(folder, ['.rivet_state.db'], []))).toEqual([])
  }, 120_000)
})
