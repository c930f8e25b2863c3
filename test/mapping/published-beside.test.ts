/** What docs/mapping.md says of the spans beside a journal, held together with the code. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/json/canonical.js'
import { parseJson } from '../../src/json/lossless.js'
import { pagesBeside } from '../../src/mapping/beside.js'
import { CONVENTIONS_VERSION } from '../../src/mapping/conventions.js'
import { execToTrace } from '../../src/mapping/exec-span.js'
import { contentIdOf, interruptedIdsOf, loadIdsOf } from '../../src/mapping/ids.js'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import { loadToTrace } from '../../src/mapping/load-to-trace.js'
import type { TracePage } from '../../src/mapping/page.js'
import type { RunRecord } from '../../src/state/run-record.js'
import { encodeResourceSpansProtobuf } from '../../src/trace/otlp-protobuf.js'
import type { Attributes, AttributeValue, Span } from '../../src/trace/trace.js'
import { SpanKind } from '../../src/trace/trace.js'
import { propertyCases } from '../journal/arbitrary-journal.js'
import { shopJournals } from '../journal/example-journals.js'
import {
  COMMAND,
  file,
  KILLED,
  killedRun,
  LEFT,
  LOAD,
  OTHER,
  RECORD,
  SMALL,
  task,
} from './known-beside.js'
import { codeIn, codesIn, publishedSpans, publishedTable } from './published-mapping.js'

const RUN = [
  'source',
  'resumed run',
  'wrapper',
  'signpost',
  'killed',
  'interrupted',
  'task',
  'files',
]
const rows = publishedTable('extra attribute', 'type', 'stands on').map((row) => ({
  name: codeIn(row['extra attribute']).replace('<metric>', '*'),
  type: row.type ?? '',
  places: (row['stands on'] ?? '')
    .split(', ')
    .flatMap((place) => (place === 'run' ? RUN : [place])),
  sources: codesIn(row.source),
  stability: row.stability ?? '',
}))
const published = new Set(rows.flatMap(({ name, places }) => places.map((p) => `${name} on ${p}`)))
const typeOf = new Map(rows.map(({ name, type }) => [name, type]))

/** Every page that there can be, with everything in it. */
const everything = (namespace = 'eu'): TracePage[] => [
  ...pagesBeside(SMALL, { record: RECORD, wrapper: OTHER }, { namespace }),
  ...pagesBeside(SMALL, { record: { ...RECORD, harm: tooMuchHarm } }, { namespace }),
  ...pagesBeside(SMALL, {}, { namespace, joined: OTHER }),
  interruptedRunToTrace(KILLED, { namespace }),
  interruptedRunToTrace(tooLarge, { namespace }),
  loadToTrace({ ...LOAD, status: 'failed', sourceRunIds: tooMany }, { namespace }),
  execToTrace({ ...COMMAND, exitCode: 1 }, [LEFT], { namespace }),
  execToTrace({ ...COMMAND, signal: 'SIGINT' }, Array(1001).fill(LEFT), { namespace }),
]
const tooMany = Array.from({ length: 1001 }, (_, i) => `orders_${i}`)
const tooMuchHarm = Array.from({ length: 65 }, (_, i) => ({ metric: `pg_${i}`, delta: 1 }))
const tooLarge = killedRun({
  chunkTasks: Array.from({ length: 5000 }, (_, i) => task(i, { endKey: 'x'.repeat(1000) })),
})

function placeOf({ name, parentSpanId }: Span, { subject }: TracePage): string {
  if (subject === 'interrupted' && parentSpanId === undefined) return 'killed'
  return name === 'chunk' ? 'task' : subject === 'load' || subject === 'exec' ? subject : name
}

/** Every attribute of some pages with its place; a part of a long text counts for the text. */
function written(pages: readonly TracePage[]) {
  const found: { name: string; place: string; value: AttributeValue }[] = []
  const add = (place: string, attributes: Attributes) => {
    for (const [key, value] of Object.entries(attributes)) {
      const name = key.replace(/\.part_\d+$/, '').replace(/^(rivet\.source\.harm\.).*/, '$1*')
      found.push({ name, place, value })
    }
  }
  for (const page of pages) {
    for (const span of page.trace.spans) {
      add(placeOf(span, page), span.attributes)
      for (const { attributes } of span.events) add('event', attributes)
      for (const { attributes } of span.links) add('link', attributes)
    }
  }
  return found
}

function fits(type: string | undefined, value: AttributeValue): boolean {
  if (type === 'string') return typeof value === 'string'
  if (type === 'bool') return typeof value === 'boolean'
  const isLarge = typeof value === 'string' && /^-?\d{19,}$/.test(value)
  return type === 'int' && (typeof value === 'bigint' || Number.isSafeInteger(value) || isLarge)
}

describe('the published attributes beside a journal', () => {
  it('are those that are written when everything is known, each where it is said to stand', () => {
    const found = new Set(written(everything()).map(({ name, place }) => `${name} on ${place}`))
    expect([...published].filter((pair) => !found.has(pair))).toEqual([])
    expect([...found].filter((pair) => !published.has(pair))).toEqual([])
  })

  it('are all that anything known has, with the published types', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('é'.repeat(2000)))
    const integer = fc.bigInt({ min: 0n, max: 2n ** 64n })
    const record: fc.Arbitrary<RunRecord> = fc.record(
      {
        runId: text,
        exportName: text,
        status: fc.record({ status: text, source: text, prefix: text }),
        metrics: fc.record({ sourceType: text, mode: text, rows: integer, bytesRead: integer }),
        harm: fc.array(fc.record({ metric: text, delta: integer })),
        resumed: fc.record({ runId: text, hasJournal: fc.boolean() }),
      },
      { requiredKeys: ['runId', 'exportName', 'harm'] },
    )
    fc.assert(
      fc.property(record, text, integer, (record, long, rows) => {
        const pages = [
          ...pagesBeside(SMALL, { record, wrapper: OTHER }),
          interruptedRunToTrace(
            killedRun({
              runId: long,
              resumedBy: long,
              chunkTasks: [task(0, { rows, lastError: long, startKey: long, status: 'failed' })],
              files: [file(long, { bytes: rows })],
            }),
          ),
          loadToTrace({ ...LOAD, loadId: long, sourceRunIds: [long], rowsLoaded: rows }),
        ]
        const others = written(pages).filter(({ name, place, value }) => {
          const whole = /^(.*)\.parts$/.exec(name)?.[1]
          if (whole !== undefined)
            return typeOf.get(whole) !== 'string' || typeof value !== 'number'
          return !published.has(`${name} on ${place}`) || !fits(typeOf.get(name), value)
        })
        expect(others).toEqual([])
      }),
      { numRuns: propertyCases(60) },
    )
  })

  it('are listed once each, with a stability: those of the conventions and no others are stable', () => {
    expect(typeOf.size).toBe(rows.length)
    for (const { name, stability } of rows) {
      const ours = name.startsWith('rivet.')
      expect(stability, name).toBe(ours ? 'rivet' : `stable in ${CONVENTIONS_VERSION}`)
    }
  })

  it('are from tables and columns that rivet has', () => {
    const database = readFileSync(
      new URL('../../examples/shop.rivet_state.db', import.meta.url),
      'latin1',
    )
    const columnsOf = (table: string) =>
      new RegExp(`CREATE TABLE (?:IF NOT EXISTS )?"?${table}"? \\((?:(?!CREATE )[^\\0])*`).exec(
        database,
      )?.[0] ?? ''
    const sources = rows.flatMap(({ sources }) => sources)
    expect(sources.length).toBeGreaterThan(40)
    for (const source of sources) {
      const [table = '', column = ''] = source.split('.')
      expect(columnsOf(table), source).toMatch(new RegExp(`\\s${column} +(TEXT|INTEGER)`))
    }
  })
})

describe('the published spans beside a journal', () => {
  it('are those that are written, with their kinds', () => {
    const kinds = new Map<number, string>(Object.entries(SpanKind).map(([name, n]) => [n, name]))
    const found = everything().flatMap(({ trace: { spans } }) =>
      spans.map(({ name, kind }) => {
        const known = name.replace(/^(export|load|exec) .*$/, '$1 ')
        return `${known} is ${kinds.get(kind)}`
      }),
    )
    const page = publishedTable('extra span').map(
      (row) => `${codeIn(row['extra span'])} is ${row.kind}`,
    )
    expect([...new Set(found)].sort()).toEqual(page.sort())
  })
})

describe('the published ids beside a journal', () => {
  it.each(publishedTable('subject', 'namespace', 'id'))(
    'are those of the code: $subject $namespace $id',
    (row) => {
      const key = {
        namespace: JSON.parse(codeIn(row.namespace)) as string,
        runId: JSON.parse(codeIn(row.id)) as string,
      }
      const ids = codeIn(row.subject) === 'load' ? loadIdsOf(key) : interruptedIdsOf(key)
      expect(ids.traceId).toBe(codeIn(row['trace id']))
      expect(ids.root).toBe(codeIn(row['root span']))
    },
  )

  it('have vectors for both subjects', () => {
    const vectors = publishedTable('subject', 'namespace', 'id')
    expect(new Set(vectors.map((row) => codeIn(row.subject))).size).toBe(2)
  })

  it.each(publishedSpans())('hash what a span says: $id', ({ hashed, id }) => {
    expect(createHash('sha256').update(hashed).digest('hex').slice(0, 16)).toBe(id)
    const list = parseJson(hashed)
    expect(canonicalJson(list)).toBe(hashed)
    const [, , content] = list as unknown as [string, string, Omit<Span, 'spanId'>]
    expect(contentIdOf(content)).toBe(id)
  })

  it('are shown for three spans', () => {
    expect(publishedSpans()).toHaveLength(3)
  })

  it('are those of the spans that are written', () => {
    const subjects = ['source', 'resumed_run', 'wrapper', 'signpost']
    for (const { subject, trace } of everything()) {
      const isKilled = subject === 'interrupted'
      if (!isKilled && !subjects.includes(subject ?? '')) continue
      const spans = isKilled ? trace.spans.slice(1) : trace.spans
      for (const { spanId, ...content } of spans) expect(contentIdOf(content)).toBe(spanId)
    }
  })
})

describe('the same that is known', () => {
  it('gives the same bytes every time', () => {
    const bytes = () =>
      everything().map((page) =>
        Buffer.from(encodeResourceSpansProtobuf(page.trace)).toString('hex'),
      )
    expect(bytes()).toEqual(bytes())
    const digests = everything().map(({ digest }) => digest)
    expect(everything().map(({ digest }) => digest)).toEqual(digests)
    expect(new Set(digests).size).toBe(digests.length - 1)
  })

  it('gives the same bytes in another process, on another day', () => {
    const hash = createHash('sha256')
    for (const journal of shopJournals()) {
      const record = { ...RECORD, runId: journal.run_id }
      for (const { trace } of pagesBeside(journal, { record, wrapper: OTHER })) {
        hash.update(encodeResourceSpansProtobuf(trace))
      }
    }
    for (const { trace } of everything()) hash.update(encodeResourceSpansProtobuf(trace))
    expect(hash.digest('hex')).toBe(BYTES_OF_EVERYTHING)
  })
})

/** Of what the last test encodes. Another one means that what was sent before is sent again, as something else. */
const BYTES_OF_EVERYTHING = '5d9e9d71b06cf108ae135e678bd4c080e9900b49555106b92663ba654bf123be'

it('the page says the version of the conventions', () => {
  const page = readFileSync(new URL('../../docs/mapping.md', import.meta.url), 'utf8')
  expect(page).toContain(`stable in ${CONVENTIONS_VERSION}`)
})
