import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SpanItem } from '../../src/backends/backend.js'
import { openOtlpJsonFile, openOtlpJsonStream } from '../../src/backends/otlp-file.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../../src/trace/otlp-json.js'

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

const kinds = (items: readonly SpanItem[]) => items.map(({ kind }) => kind)

describe('a file of OTLP JSON', () => {
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
    const items = await read('{"data":[]}\n')
    expect(items).toEqual([
      { kind: 'problem', where: 'line 1', problem: expect.stringContaining('resourceSpans') },
    ])
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
