import { describe, expect, it } from 'vitest'
import { openRuns } from '../../src/bridge/run-reader.js'
import { runsOf } from '../../src/bridge/runs-of.js'
import { stringifyJournal } from '../../src/journal/codec.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../../src/trace/otlp-json.js'
import { shopJournals } from '../journal/example-journals.js'
import { SERVERS, serverWithTraces } from './server-with-traces.js'

async function* byteByByte(text: string): AsyncGenerator<Uint8Array> {
  for (const byte of Buffer.from(text)) yield Uint8Array.of(byte)
}

describe('a stream that comes byte by byte', () => {
  const journals = shopJournals()
  const lines = journals.map(stringifyJournal)
  const requests = journals.map((journal) =>
    joinJsonRequest(
      [...journalToTrace(journal)].map(({ trace }) => encodeResourceSpansJson(trace)),
    ),
  )

  it.each([
    ['journals', lines],
    ['traces', requests],
    // Nothing at the beginning tells what this is.
    ['journals', [' '.repeat(70_000), ...lines]],
  ] as const)('is told apart and read whole: %s', async (holds, texts) => {
    const stdin = byteByByte(texts.join('\n'))
    const reader = await openRuns({ kind: 'stdio' }, { stdin, server: { env: {}, version: '0' } })
    expect(reader.holds).toBe(holds)
    const read: string[] = []
    for await (const item of reader.read({}))
      read.push(item.kind === 'journal' ? stringifyJournal(item.journal) : item.kind)
    await reader.close()
    expect(read.toSorted()).toEqual(lines.toSorted())
  })
})

describe('what a reader of a server remembers for suggestions', () => {
  it.each(SERVERS)('does not grow where the same runs are read again: %s', async (name) => {
    const { backend, keep } = await serverWithTraces(name)
    const journals = shopJournals().slice(0, 3)
    for (const journal of journals) for (const { trace } of journalToTrace(journal)) keep(trace)
    const runIds = journals.map(({ run_id }) => run_id)
    const reader = runsOf(backend)
    const listed = async () => {
      const names: string[] = []
      for await (const { runId } of reader.list()) names.push(runId)
      return names.toSorted()
    }
    for (let i = 0; i < 3; i++)
      for await (const item of reader.read({ runIds })) expect(item.kind).toBe('journal')
    expect(await listed()).toEqual(runIds.toSorted())
    // What was read before is still known.
    for await (const _ of reader.read({ runIds: runIds.slice(0, 1) }));
    expect(await listed()).toEqual(runIds.toSorted())
  })
})
