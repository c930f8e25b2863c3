import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../src/cli/main.js'
import { parseJournal, stringifyJournal } from '../../src/journal/codec.js'
import type { RunEvent } from '../../src/journal/events.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import { encodeResourceSpansJson } from '../../src/trace/otlp-json.js'
import { recordedTerminal } from '../bridge/doctor/terminal.js'
import { NEWEST } from '../contracts/rivet-tables.js'
import { file, metrics, status, task } from '../contracts/state-rows.js'
import { EVERY_KIND } from '../journal/example-journals.js'
import { exported } from '../mapping/both-ways.js'
import { openToWrite, RUN_JOURNAL } from '../sources/places.js'
import { recordsDatabase } from '../sources/sqlite-records-place.js'
import { interruptedInChunks } from './view/unjournaled-runs.js'

/** Colours, a title, a link, the cursor, the control characters of C1, bidi overrides, line breaks. */
const EVIL =
  'a\u001b[31mred\u001b]0;title\u0007\u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\\u009b2J\u202egpj\u2066x\nINJECTED\r\u2028\b\u007f'
/** What a file may be called. */
const EVIL_FILE = EVIL.replaceAll('/', '_')
const HARMFUL = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]|^INJECTED/mu

/** A value with every text in it, but for names of members and kinds, made evil. */
function evil(value: unknown): unknown {
  if (typeof value === 'string') return `${value}${EVIL}`
  if (Array.isArray(value)) return value.map(evil)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, evil(member)]))
}

const failed: RunEvent = {
  RunCompleted: { status: 'failed', error_message: EVIL, duration_ms: 7 },
}
const journal = new RunJournal(
  `run${EVIL}`,
  `orders${EVIL}`,
  [
    ...EVERY_KIND.map((event) => evil(event) as RunEvent),
    failed,
    EVIL,
    { [`K${EVIL}`]: [EVIL] },
  ].map((event, i) => ({ recorded_at: `2026-11-21T08:53:${10 + i}Z`, event })),
  { [EVIL]: EVIL },
)
const other = new RunJournal('other', EVIL, [
  { recorded_at: '2026-11-21T08:53:39Z', event: 'Paused' },
])

const more = { export_name: `orders${EVIL}`, prefix: `file:///${EVIL}`, source: EVIL }
const runWith = (name: string, state: string, ended?: number) => [
  status(`${name}${EVIL}`, state, 0, ended, more),
  ...['completed', 'failed', 'running', EVIL].map((each, i) =>
    task(`${name}${EVIL}`, i, each, 1, {
      ...{ start_key: EVIL, end_key: EVIL, last_error: EVIL, file_name: EVIL },
    }),
  ),
  file(`${name}${EVIL}`, EVIL, 1),
]
const unjournaled = [
  ...runWith('killed', 'interrupted', 5),
  ...runWith('running', 'running'),
  ...runWith('gone', `success${EVIL}`, 7),
  status(journal.run_id, 'success', 8, 9, more),
  metrics(journal.run_id, 'success', 9, 1, { mode: EVIL, rivet_version: EVIL, error_class: EVIL }),
  metrics(`running${EVIL}`, 'running', 9, 1, {
    ...{ mode: EVIL, rivet_version: EVIL, error_class: EVIL, source_type: EVIL },
  }),
]
const killedTrace = interruptedRunToTrace({
  ...interruptedInChunks({ runId: `killed${EVIL}`, exportName: EVIL }),
  resumedBy: EVIL,
}).trace

let folder = ''
let records = ''
const place = (name: string) => join(folder, name)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rivet-otel-test-'))
  const texts = [journal, other].map(stringifyJournal)
  writeFileSync(place(EVIL_FILE), texts.map((text) => `${text}\n`).join(''))
  writeFileSync(
    place('broken'),
    `${texts.join('\n')}\n{"run_id":"${EVIL}\n{"run_id":7,${JSON.stringify(EVIL)}:1}\n`,
  )
  const requests = [journal, other].map((each) => {
    const spans = exported(each)
    const [{ resource, scope } = { resource: {}, scope: { name: '', version: '' } }] = spans
    const kept = each === other ? spans.slice(0, 0) : spans
    return encodeResourceSpansJson({ resource, scope, spans: kept.map(({ span }) => span) })
  })
  const whole = `{"resourceSpans":[${requests[0]}]}`
  writeFileSync(place(`traces${EVIL_FILE}`), `${whole}\n`)
  const wrong = { spans: [{ traceId: EVIL, name: 7, attributes: [{ key: EVIL, value: EVIL }] }] }
  const changed = whole
    .replaceAll('FAIL', `changed`)
    .replace('"rivet.entry.time"', JSON.stringify(EVIL))
  writeFileSync(
    place(`broken traces${EVIL_FILE}`),
    `${changed}\n${JSON.stringify({ resourceSpans: [{ scopeSpans: [wrong] }] })}\n${EVIL}\n`,
  )
  const database = openToWrite(place(`state${EVIL_FILE}`))
  database.exec(RUN_JOURNAL)
  for (const [runId, text] of [
    [journal.run_id, texts[0] ?? ''],
    [`broken${EVIL}`, '{'],
  ] as const) {
    const when = '2026-11-21T09:00:00+00:00'
    database.run('INSERT INTO run_journal VALUES (?,?,?,?)', runId, journal.export_name, when, text)
  }
  database.close()
  records = recordsDatabase({ version: NEWEST, rows: unjournaled, changes: [] })
  const opened = openToWrite(records)
  const values = [journal.run_id, journal.export_name, '2026-11-21T09:00:00+00:00', texts[0] ?? '']
  opened.run('INSERT INTO run_journal VALUES (?,?,?,?)', ...values)
  opened.close()
  writeFileSync(
    place(`killed${EVIL_FILE}`),
    `{"resourceSpans":[${encodeResourceSpansJson(killedTrace)}]}\n`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const runId = journal.run_id
const commands: readonly [string, () => string[]][] = [
  ['runs', () => ['runs', '--from', place(EVIL_FILE)]],
  ['runs of a database', () => ['runs', '--from', place(`state${EVIL_FILE}`)]],
  ['runs of traces', () => ['runs', '--from', place(`traces${EVIL_FILE}`)]],
  ['runs of broken journals', () => ['runs', '--from', place('broken')]],
  ['runs of broken traces', () => ['runs', '--from', place(`broken traces${EVIL_FILE}`)]],
  ['runs as JSON', () => ['runs', '--json', '--from', place(EVIL_FILE)]],
  [
    'runs that are not there',
    () => ['runs', '--run-id', `runx${EVIL}`, '--from', place(EVIL_FILE)],
  ],
  [
    'runs of an export that is not there',
    () => ['runs', '--export', `order${EVIL}`, '--from', place(EVIL_FILE)],
  ],
  ['runs since nonsense', () => ['runs', '--since', EVIL]],
  ['runs, so many', () => ['runs', '--last', EVIL]],
  ['runs of no file', () => ['runs', '--from', place(`no${EVIL_FILE}`)]],
  ['runs of no location', () => ['runs', '--from', `nonsense+x://${EVIL}`]],
  ['runs of no server', () => ['runs', '--from', `jaeger+http://${EVIL}`]],
  ['runs with a strange option', () => ['runs', `--${EVIL}`]],
  ['no command of that name', () => [EVIL]],
  ['show', () => ['show', runId, '--files', '--from', place(EVIL_FILE)]],
  ['show of traces', () => ['show', runId, '--from', place(`traces${EVIL_FILE}`)]],
  ['show of broken traces', () => ['show', runId, '--from', place(`broken traces${EVIL_FILE}`)]],
  ['show as JSON', () => ['show', runId, '--json', '--from', place(EVIL_FILE)]],
  ['show of nobody', () => ['show', `runx${EVIL}`, '--from', place(EVIL_FILE)]],
  ['export', () => ['export', '--from', place(EVIL_FILE), '--to', place(`to${EVIL_FILE}`)]],
  [
    'export of broken ones',
    () => ['export', '--from', place('broken'), '--to', place(`to${EVIL_FILE}`)],
  ],
  [
    'export of a database',
    () => ['export', '--from', place(`state${EVIL_FILE}`), '--to', place(`to2${EVIL_FILE}`)],
  ],
  [
    'export as JSON',
    () => ['export', '--json', '--from', place(EVIL_FILE), '--to', place(`to${EVIL_FILE}`)],
  ],
  [
    'export, verified',
    () => ['export', '--verify', '--from', place(EVIL_FILE), '--to', place(`to3${EVIL_FILE}`)],
  ],
  [
    'export with a strange header',
    () => ['export', '--from', place(EVIL_FILE), '--to', 'http://127.0.0.1:9', '--header', EVIL],
  ],
  [
    'export into something else',
    () => ['export', '--from', place(EVIL_FILE), '--to', place(EVIL_FILE)],
  ],
  [
    'export to a header of nowhere',
    () => ['export', '--to', 'http://127.0.0.1:9', '--header', `a=$${EVIL}`],
  ],
  ['import', () => ['import', '--from', place(`traces${EVIL_FILE}`)]],
  ['import of broken traces', () => ['import', '--from', place(`broken traces${EVIL_FILE}`)]],
  ['import as JSON', () => ['import', '--json', '--from', place(`broken traces${EVIL_FILE}`)]],
  [
    'import into a file',
    () => ['import', '--from', place(`traces${EVIL_FILE}`), '--to', place(`j${EVIL_FILE}`)],
  ],
  [
    'import into a file that is there',
    () => ['import', '--from', place(`traces${EVIL_FILE}`), '--to', place(EVIL_FILE)],
  ],
  ['verify', () => ['verify', '--from', place(EVIL_FILE), '--in', place(`traces${EVIL_FILE}`)]],
  [
    'verify in broken traces',
    () => ['verify', '--from', place('broken'), '--in', place(`broken traces${EVIL_FILE}`)],
  ],
  [
    'verify as JSON',
    () => [
      'verify',
      '--json',
      '--from',
      place(EVIL_FILE),
      '--in',
      place(`broken traces${EVIL_FILE}`),
    ],
  ],
  ['runs without journals', () => ['runs', '--from', records]],
  ['runs without journals as JSON', () => ['runs', '--json', '--from', records]],
  ...['killed', 'running', 'gone'].flatMap((name): [string, () => string[]][] => [
    [`show of a run that is ${name}`, () => ['show', `${name}${EVIL}`, '--from', records]],
    [
      `show of a run that is ${name}, as JSON`,
      () => ['show', `${name}${EVIL}`, '--json', '--from', records],
    ],
  ]),
  ['show of what is beside a journal', () => ['show', runId, '--from', records]],
  ...['show', 'show --json', 'runs --run-id', 'import --run-id'].map(
    (command): [string, () => string[]] => [
      `${command} of the trace of a run that was killed`,
      () => [...command.split(' '), `killed${EVIL}`, '--from', place(`killed${EVIL_FILE}`)],
    ],
  ),
  ['id', () => ['id', runId, '--namespace', EVIL]],
  ['id as JSON', () => ['id', runId, '--json', '--namespace', EVIL]],
  ['id of no page', () => ['id', runId, '--page', EVIL]],
]

describe('what a terminal would obey', () => {
  it.each(commands)('is only ever shown: %s', async (_, args) => {
    const terminal = { ...recordedTerminal(), isInteractive: true }
    await main(args(), terminal)
    const output = terminal.stdout() + terminal.stderr()
    expect(output.length).toBeGreaterThan(0)
    const [harm] = HARMFUL.exec(output) ?? []
    expect({
      harm,
      at: output.slice(Math.max(0, output.search(HARMFUL) - 80)).slice(0, 160),
    }).toMatchObject({ harm: undefined })
    expect(output).not.toContain('This is a defect')
  })

  it.each(['killed', 'running', 'gone'])('is shown of a run that is %s', async (name) => {
    const terminal = recordedTerminal()
    expect(await main(['show', `${name}${EVIL}`, '--from', records], terminal)).toBe(0)
    expect(terminal.stdout()).toContain('NO JOURNAL')
    expect(terminal.stdout()).toContain('\\x1b[31m')
  })

  it('means the same in JSON that was made harmless', async () => {
    const terminal = recordedTerminal()
    await main(['show', runId, '--json', '--from', place(EVIL_FILE)], terminal)
    expect(stringifyJournal(parseJournal(terminal.stdout()))).toBe(stringifyJournal(journal))
  })

  it('stays in journals that a program gets', async () => {
    const terminal = recordedTerminal()
    await main(['import', '--from', place(`traces${EVIL_FILE}`)], terminal)
    expect(terminal.stdout()).toBe(`${stringifyJournal(journal)}\n`)
  })
})
