import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseJournal } from '../../src/journal/codec.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../../src/trace/otlp-json.js'
import { openToWrite, RUN_JOURNAL } from '../sources/places.js'
import { rivetOtel, SHOP, temporaryFolder } from './command-line.js'

const RUN = 'orders_20261121T085339.134_11188'
const GOOD =
  '{"run_id":"good","export_name":"orders","entries":[{"recorded_at":"2026-11-21T08:53:39Z","event":"Paused"}]}'
const inFile = (content: string | Uint8Array) => (folder: string) =>
  writeFileSync(join(folder, 'input'), content)

/** The traces of a journal, as a collector's file exporter writes them. */
function tracesOf(journal: string): string {
  const pages = [...journalToTrace(parseJournal(journal))]
  return `${joinJsonRequest(pages.map(({ trace }) => encodeResourceSpansJson(trace)))}\n`
}

interface Case {
  readonly title: string
  readonly prepare?: (folder: string) => void
  readonly args: readonly string[]
  readonly env?: Record<string, string>
  readonly code: number
  /** Each must occur in what is said on stderr. */
  readonly says: readonly (string | RegExp)[]
}

const exportInput = ['export', '--from', 'input', '--to', 'out.otlp.jsonl']
const cases: readonly Case[] = [
  {
    title: 'a file that does not exist',
    args: exportInput,
    code: 2,
    says: ['input does not exist', '--from'],
  },
  {
    title: 'no state database where rivet would have it',
    args: ['runs'],
    code: 2,
    says: ['.rivet_state.db', '-c rivet.yaml'],
  },
  {
    title: 'a folder for a configuration',
    args: ['runs', '-c', '.'],
    code: 2,
    says: ['the configuration . is a folder'],
  },
  {
    title: 'a state of rivet in PostgreSQL that is not there',
    args: ['runs'],
    env: { RIVET_STATE_URL: 'postgres://ana:planted-secret@127.0.0.1:1/rivet' },
    code: 3,
    says: ['postgres://127.0.0.1:1/rivet cannot be reached: nothing listens there'],
  },
  {
    title: 'a folder',
    prepare: (folder) => mkdirSync(join(folder, 'input')),
    args: exportInput,
    code: 2,
    says: ['input is a folder'],
  },
  {
    title: 'a file that is no database and no journals',
    prepare: inFile(Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x00, 0xff)),
    args: exportInput,
    code: 2,
    says: ['input is no text'],
  },
  {
    title: 'an empty file',
    prepare: inFile(''),
    args: exportInput,
    code: 2,
    says: ['input', 'empty'],
  },
  {
    title: 'a database without run_journal',
    prepare: (folder) => {
      const database = openToWrite(join(folder, 'input'))
      database.exec('CREATE TABLE customers (id INTEGER)')
      database.close()
    },
    args: exportInput,
    code: 2,
    says: ['run_journal', 'customers'],
  },
  {
    title: 'a half-written database',
    prepare: (folder) => writeFileSync(join(folder, 'input'), readFileSync(SHOP).subarray(0, 9000)),
    args: exportInput,
    code: 2,
    says: ['input'],
  },
  {
    title: 'an unknown run, naming the near ones',
    args: ['export', '--from', SHOP, '--run-id', 'orders_20261121T085339.134_11189'],
    code: 2,
    says: ['no run orders_20261121T085339.134_11189', `did you mean ${RUN}`],
  },
  {
    title: 'an unknown export, naming the near ones',
    args: ['runs', '--from', SHOP, '--export', 'order'],
    code: 2,
    says: ['no export order', 'did you mean orders'],
  },
  {
    title: 'an unknown run to show',
    args: ['show', '--from', SHOP, 'chunk_boom_20261121T085433.976_12991'],
    code: 2,
    says: ['no run chunk_boom', 'did you mean chunk_boom_20261121T085433.976_12990'],
  },
  {
    title: 'the beginning of several run_ids',
    args: ['show', '--from', SHOP, 'orders_'],
    code: 2,
    says: ['orders_ is the beginning of 4 run_ids', RUN, 'orders@latest'],
  },
  {
    title: 'the latest run of an export that is not there',
    args: ['export', '--from', SHOP, '--run-id', 'order@latest'],
    code: 2,
    says: ['no runs of an export order (did you mean orders'],
  },
  {
    title: 'more runs back than there are',
    args: ['show', '--from', SHOP, 'orders@latest~1'],
    code: 2,
    says: ['orders@latest~1: there is only one run of orders in'],
  },
  {
    title: 'an unknown column to sort by',
    args: ['runs', '--from', SHOP, '--sort', 'speed'],
    code: 2,
    says: ['--sort speed: expected one of started, duration'],
  },
  {
    title: 'an output of journals that exists',
    prepare: (folder) => writeFileSync(join(folder, 'back.jsonl'), 'precious'),
    args: ['import', '--from', 'traces', '--to', 'back.jsonl'],
    code: 2,
    says: ['back.jsonl exists already', '--force'],
  },
  {
    title: 'an output of journals that cannot be written',
    prepare: (folder) => writeFileSync(join(folder, 'traces'), tracesOf(GOOD)),
    args: ['import', '--from', 'traces', '--to', 'no/such/folder/back.jsonl'],
    code: 2,
    says: ['no/such/folder/back.jsonl cannot be written'],
  },
  {
    title: 'an output of traces that is something else',
    prepare: (folder) => writeFileSync(join(folder, 'notes.txt'), 'Dear diary\n'),
    args: ['export', '--from', SHOP, '--to', 'notes.txt'],
    code: 2,
    says: ['notes.txt'],
  },
  {
    title: 'journals where traces are expected',
    prepare: inFile(`${GOOD}\n`),
    args: ['import', '--from', 'input'],
    code: 2,
    says: ['input holds journals', 'export'],
  },
  {
    title: 'traces where journals are expected',
    prepare: inFile('{"resourceSpans":[]}\n'),
    args: exportInput,
    code: 2,
    says: ['input holds traces', 'import'],
  },
  {
    title: 'a target without its scheme',
    args: ['export', '--from', SHOP, '--to', 'localhost:4318'],
    code: 2,
    says: ['expected http://localhost:4318'],
  },
  {
    title: 'an unknown option',
    args: ['export', '--fron', 'x'],
    code: 2,
    says: ['--fron', 'Did you mean --from?'],
  },
  {
    title: 'an unknown command',
    args: ['exprot'],
    code: 2,
    says: ['exprot', 'Did you mean export?'],
  },
  { title: 'no command', args: [], code: 2, says: [] },
  {
    title: 'options that contradict',
    args: ['runs', '--all', '--last', '3'],
    code: 2,
    says: ['--all', '--last'],
  },
  {
    title: 'a count that is none',
    args: ['runs', '--last', 'few'],
    code: 2,
    says: ['--last few', 'whole number'],
  },
  {
    title: 'a time that is none',
    args: ['runs', '--since', 'yesterday'],
    code: 2,
    says: ['--since yesterday', '24h'],
  },
  {
    title: 'a flag of an endpoint beside a file',
    args: ['export', '--from', SHOP, '--to', 'out.otlp.jsonl', '--compression', 'gzip'],
    code: 2,
    says: ['--compression is about an OTLP endpoint'],
  },
  {
    title: 'grpc',
    args: ['export', '--from', SHOP],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    },
    code: 2,
    says: ['OTEL_EXPORTER_OTLP_PROTOCOL', '4318'],
  },
  {
    title: 'an endpoint that is no URL, without showing it',
    args: ['export', '--from', SHOP],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'htp:/ana:planted-secret@collector' },
    code: 2,
    says: ['OTEL_EXPORTER_OTLP_ENDPOINT'],
  },
  {
    title: 'a scheme that is none of ours, without showing the rest',
    args: ['runs', '--from', 'mysql://root:planted-secret@db/x'],
    code: 2,
    says: ['mysql://'],
  },
  {
    title: 'a state of rivet on a server that rivet would refuse too, without showing it',
    args: ['runs'],
    env: { RIVET_STATE_URL: 'mysql://root:planted-secret@db/x' },
    code: 2,
    says: ['RIVET_STATE_URL', 'mysql'],
  },
]

describe('bad input is named, ends with the right code, and leaves nothing half-written', () => {
  it.each(cases)('$title', async ({ prepare, args, env, code, says }) => {
    const folder = temporaryFolder()
    prepare?.(folder)
    const before = readdirSync(folder)
    const out = await rivetOtel(args, { cwd: folder, ...(env && { env }) })
    for (const words of says) expect(out.stderr).toMatch(words)
    expect(out.code).toBe(code)
    expect(`${out.stdout}${out.stderr}`).not.toMatch(/planted-secret|\n\s+at |node:internal|defect/)
    expect(readdirSync(folder)).toEqual(before)
    if (before.includes('back.jsonl'))
      expect(readFileSync(join(folder, 'back.jsonl'), 'utf8')).toBe('precious')
  })
})

describe('one bad journal costs no other', () => {
  const bad: readonly [string, string, RegExp][] = [
    ['is cut', GOOD.slice(0, 60), /not valid JSON/],
    ['is empty', '', /empty/],
    [
      'has a wrong type',
      GOOD.replace('"Paused"', '{"ChunkStarted":{"chunk_index":"0"}}').replace('good', 'bad'),
      /entries\[0\]\.event\.ChunkStarted\.chunk_index: expected an integer/,
    ],
    [
      'has an impossible timestamp',
      GOOD.replace('-11-21T', '-02-30T').replace('good', 'bad'),
      /entries\[0\]\.recorded_at: expected a timestamp/,
    ],
  ]

  it.each(bad)('in a state database: one that %s', async (_, text, says) => {
    const folder = temporaryFolder()
    const database = openToWrite(join(folder, 'state.db'))
    database.exec(RUN_JOURNAL)
    database.run(
      'INSERT INTO run_journal VALUES (?,?,?,?)',
      'good',
      'orders',
      '2026-11-21T09:00:00+00:00',
      GOOD,
    )
    database.run(
      'INSERT INTO run_journal VALUES (?,?,?,?)',
      'bad',
      'orders',
      '2026-11-21T08:00:00+00:00',
      text,
    )
    database.close()
    const out = await rivetOtel(['export', '--from', 'state.db'], { cwd: folder })
    expect(out.stderr).toMatch(says)
    expect(out.stderr).toContain('run_journal row bad')
    expect(out.stdout).toContain('runs: 1 sent, 1 unreadable')
    expect(out.code).toBe(1)
  })

  it('in a file of journals, naming the line', async () => {
    const folder = temporaryFolder()
    writeFileSync(
      join(folder, 'j.jsonl'),
      [GOOD, ...bad.map(([, text]) => text), GOOD.replace('good', 'other')].join('\n'),
    )
    const out = await rivetOtel(['export', '--from', 'j.jsonl'], { cwd: folder })
    expect(out.stdout).toContain('runs: 2 sent, 3 unreadable')
    expect(out.stderr).toContain('line 2')
    expect(out.stderr).toContain('line 4')
    expect(out.stderr).toContain('line 5')
    expect(out.code).toBe(1)
  })

  it('and a journal without entries is reported, not sent', async () => {
    const folder = temporaryFolder()
    const empty = '{"run_id":"nothing","export_name":"orders","entries":[]}'
    const out = await rivetOtel(['export', '--from', '-'], {
      cwd: folder,
      input: `${GOOD}\n${empty}\n`,
    })
    expect(out.stdout).toContain('runs: 1 sent, 1 empty')
    expect(out.stderr).toContain('no place in time')
    expect(out.code).toBe(0)
  })
})
