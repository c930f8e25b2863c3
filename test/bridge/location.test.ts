import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isOverTls,
  isServer,
  kindOfContent,
  parseLocation,
  SNIFFED_BYTES,
} from '../../src/bridge/location.js'
import { stringifyJournal } from '../../src/journal/codec.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { arbitraryJournal, propertyCases } from '../journal/arbitrary-journal.js'
import { shopLines } from '../journal/example-journals.js'

const kindOf = (content: string) => kindOfContent(Buffer.from(content))

/** What tells traces, as members and inside of texts. */
const ANSWER = { data: [{ traceID: 'ab', spans: [] }], batches: [], resourceSpans: [] }

function fixture(path: string): string {
  return readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8')
}

it.each([
  ['jaeger+http://host:16686', true, false],
  ['tempo+http://host:3200/tempo', true, false],
  ['Tempo+HTTPS://host', true, true],
  ['http://host:4318', false, false],
  ['postgres://host/database', false, false],
  ['./traces.otlp.jsonl', false, false],
  ['-', false, false],
])('%s is a server: %s, over TLS: %s', (text, server, overTls) => {
  expect(isServer(parseLocation(text))).toBe(server)
  expect(isOverTls(text)).toBe(overTls)
})

describe('the beginning of a file tells that it holds', () => {
  it.each([
    'trace-documents/jaeger-v3.json',
    'trace-documents/jaeger-v1.json',
    'trace-documents/tempo-v2.json',
    'trace-documents/tempo-v1.json',
    'jaeger-v1/sample.json',
    'jaeger-v1/short-ids.json',
  ])('traces: %s', (path) => {
    const content = fixture(path)
    expect(kindOf(content)).toBe('traces')
    expect(kindOf(JSON.stringify(JSON.parse(content), null, 2))).toBe('traces')
    expect(kindOf(`\uFEFF\n[${content}]`)).toBe('traces')
  })

  it.each([
    '{"resourceSpans":[]}',
    '{"resourceLogs":[]}\n',
    '{"batches":[]}',
    'half of a line"}]}\n{"resourceSpans" : []}\n',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a\n{"resourceSpans":[]}\n',
    '{"error":{"httpCode":404}}\n{"result":{"resourceSpans":[]}}\n',
    '{"resourceSpans":[{"resource":{"attributes":[{"key":"run_id","value":{"stringValue":"{\\"run_id\\":1}"}}]}}]}',
  ])('traces: %s', (content) => {
    expect(kindOf(content)).toBe('traces')
  })

  it.each([
    ...shopLines().slice(0, 2),
    `[\n${shopLines()[0]}\n]`,
    'half of a line"}]}\n{"run_id":"a","export_name":"b","entries":[]}\n',
    '{"run_id":"a","export_n\n{"run_id":"b","export_name":"b","entries":[]}\n',
  ])('journals: %.60s…', (content) => {
    expect(kindOf(content)).toBe('journals')
  })

  it('journals, though they are full of the words of traces', () => {
    const entry = (event: object) => ({ recorded_at: '2026-11-21T08:53:39Z', event })
    const entries = [
      entry({ Fetched: ANSWER }),
      entry({ Warning: { context: '"traceID": {', message: JSON.stringify(ANSWER) } }),
    ]
    const journal = { ...ANSWER, run_id: 'a', export_name: '{"resourceSpans":[', entries }
    const { resourceSpans: _, ...first } = journal
    for (const value of [first, { entries, run_id: 'a', export_name: 'b' }]) {
      expect(kindOf(JSON.stringify(value))).toBe('journals')
      expect(kindOf(JSON.stringify(value, null, 2))).toBe('journals')
    }
  })

  it('journals, whatever journals they are', () => {
    fc.assert(
      fc.property(arbitraryJournal(), ({ run_id, export_name, entries }) => {
        const journal = new RunJournal(run_id, export_name, entries, { answer: { ...ANSWER } })
        expect(kindOf(stringifyJournal(journal))).toBe('journals')
      }),
      { numRuns: propertyCases(200) },
    )
  })

  it('a state database', () => {
    expect(kindOf('SQLite format 3\0…')).toBe('sqlite')
  })

  it.each(['', '\n', '{"data":[]}', '{"trace":{}}', 'run_id: a', '"traceID"', '{"a":"traceID"}'])(
    'nothing known: %j',
    (content) => {
      expect(kindOf(content)).toBeUndefined()
    },
  )
})

it('a text that never ends is nothing known', () => {
  const quotes = `{"a":"${'\\"'.repeat(SNIFFED_BYTES)}`
  const braces = '{"'.repeat(SNIFFED_BYTES)
  for (const content of [quotes, braces, '"'.repeat(SNIFFED_BYTES), '\\'.repeat(SNIFFED_BYTES)]) {
    expect(kindOf(content)).toBeUndefined()
  }
})
