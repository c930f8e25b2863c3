import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SpanItem } from '../../src/backends/backend.js'
import { openOtlpJsonFile, openOtlpJsonStream } from '../../src/backends/otlp-file.js'
import { kindOfContent } from '../../src/bridge/location.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../../src/trace/otlp-json.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { shopJournal } from '../journal/example-journals.js'
import { expectExact, imported } from '../mapping/both-ways.js'

const AT = '2026-11-21T08:53:39.134436857Z'

function request(runId: string): string {
  const journal = new RunJournal(runId, 'orders', [{ recorded_at: AT, event: 'Paused' }])
  const parts = [...journalToTrace(journal)].map(({ trace }) => encodeResourceSpansJson(trace))
  return joinJsonRequest(parts)
}

function fileOf(content: string | Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), 'rivet-otel-test-')), 'traces.json')
  writeFileSync(path, content)
  return path
}

async function collect(items: AsyncIterable<SpanItem>): Promise<SpanItem[]> {
  const collected: SpanItem[] = []
  for await (const item of items) collected.push(item)
  return collected
}

async function read(content: string | Uint8Array): Promise<SpanItem[]> {
  return collect(openOtlpJsonFile(fileOf(content)).spans())
}

function spansOf(items: readonly SpanItem[]): ReceivedSpan[] {
  return items.map((item) => {
    if (item.kind === 'problem') throw new Error(`${item.where}: ${item.problem}`)
    return item.received
  })
}

const kinds = (items: readonly SpanItem[]) => items.map(({ kind }) => kind)

describe('a file of traces', () => {
  it('may be lines, with blank ones, \\r\\n, a byte order mark, and no newline at its end', async () => {
    const items = await read(`\uFEFF${request('a')}\r\n\r\n${request('b')}`)
    expect(kinds(items)).toEqual(['span', 'span'])
  })

  it('may be one document over many lines', async () => {
    const items = await read(JSON.stringify(JSON.parse(request('a')), null, 2))
    expect(kinds(items)).toEqual(['span'])
  })

  it('may be a list of documents', async () => {
    const items = await read(`[\n${request('a')},\n${request('b')}\n]\n`)
    expect(kinds(items)).toEqual(['span', 'span'])
  })

  it('yields what is good around a line that is not', async () => {
    const items = await read(`${request('a')}\n{"resourceSpans":[\n${request('b')}\n`)
    expect(kinds(items)).toEqual(['span', 'problem', 'span'])
    expect(items[1]).toMatchObject({ where: 'line 2' })
  })

  it('yields what is good where the first line is not', async () => {
    const items = await read(`{"resourceSpans":[\n${request('b')}\n`)
    expect(kinds(items)).toEqual(['problem', 'span'])
  })

  it('says of a last line without an end that it was cut off', async () => {
    const items = await read(`${request('a')}\n${request('b').slice(0, 100)}`)
    expect(items[1]).toMatchObject({ kind: 'problem', where: 'line 2' })
    expect(items[1]).toHaveProperty('problem', expect.stringContaining('the last line was cut off'))
  })

  it('that is cut and has nothing else is refused', async () => {
    await expect(read(request('a').slice(0, 100))).rejects.toThrow(
      /not valid JSON.*expected OTLP JSON/,
    )
  })

  it('that is empty is refused', async () => {
    await expect(read('\n')).rejects.toThrow(/is empty; expected OTLP JSON/)
  })

  it('that holds other JSON says what was expected', async () => {
    const items = await read('{"traces":[]}\n')
    expect(items).toEqual([
      {
        kind: 'problem',
        where: 'line 1',
        problem:
          'expected OTLP JSON with resourceSpans, or JSON of Jaeger or Tempo, got an object with "traces"',
      },
    ])
  })

  it.each(['jaeger-v3', 'jaeger-v1', 'tempo-v2', 'tempo-v1'])(
    'may be what %s answered: as it came, indented, in a list, or one a line',
    async (name) => {
      const journal = shopJournal('customers_quality')
      const file = new URL(`../fixtures/trace-documents/${name}.json`, import.meta.url)
      const answer = readFileSync(file, 'utf8').trim()
      const indented = JSON.stringify(JSON.parse(answer), null, 4)
      for (const content of [answer, indented, `[${answer},${answer}]`, `${answer}\n${answer}\n`]) {
        expectExact(imported(spansOf(await read(content)))[0], journal)
      }
      expect(kindOfContent(Buffer.from(indented))).toBe('traces')
    },
  )

  it('may hold answers of several kinds, and what a server said of itself', async () => {
    const partial = '{"trace":{},"metrics":{},"status":"PARTIAL","message":"too large"}'
    const items = await read(`${partial}\n${request('a')}\n{"data":[]}\n`)
    expect(kinds(items)).toEqual(['problem', 'span'])
    expect(items[0]).toEqual({
      kind: 'problem',
      where: 'line 1',
      problem: 'the server left out a part of the trace, "too large"',
    })
  })

  it('comes from a stream as well, in whatever pieces', async () => {
    const bytes = Buffer.from(`${request('a')}\n${request('b')}\n`)
    async function* pieces() {
      for (let i = 0; i < bytes.length; i += 7) yield bytes.subarray(i, i + 7)
    }
    const items = await collect(openOtlpJsonStream(pieces(), 'standard input').spans())
    expect(kinds(items)).toEqual(['span', 'span'])
  })
})
