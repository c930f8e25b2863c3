import { describe, expect, it } from 'vitest'
import { readSurroundings } from '../../../src/bridge/correlation/surroundings.js'
import { pagesBeside, type Surroundings } from '../../../src/mapping/beside.js'
import { traceIdOf } from '../../../src/mapping/ids.js'
import { journalToTrace, type MappingOptions } from '../../../src/mapping/journal-to-trace.js'
import { RivetOtelError } from '../../../src/problem.js'
import type { ReceivedSpan } from '../../../src/trace/trace.js'
import { shopJournal } from '../../journal/example-journals.js'

const journal = shopJournal('orders')
const RUN = { namespace: '', runId: journal.run_id }
const OWN = traceIdOf({ ...RUN, page: 0 })
const OTHER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
const RECORD = {
  runId: journal.run_id,
  exportName: 'orders',
  harm: [],
  status: { status: 'success', source: 'mssql://db1:1433/shop' },
}

/** A server with the run as it is sent, and what is sent beside it. */
function serverWith(known: Surroundings, options: MappingOptions = {}) {
  const asked: string[] = []
  const pages = [...journalToTrace(journal, options), ...pagesBeside(journal, known, options)]
  const received: ReceivedSpan[] = pages.flatMap(({ trace: { resource, scope, spans } }) =>
    spans.map((span) => ({ resource, scope, span })),
  )
  const trace = async (traceId: string) => {
    asked.push(traceId)
    return { spans: received.filter(({ span }) => span.traceId === traceId), problems: [] }
  }
  return { asked, trace }
}

describe('what surrounds a run', () => {
  it('is the trace of the command that started it, and the source that stands beside it', async () => {
    const server = serverWith({ record: RECORD, wrapper: OTHER })
    const { source, surrounding, questions } = await readSurroundings(server, RUN, [])
    expect([...surrounding]).toEqual([OTHER.traceId])
    expect(source).toEqual({
      engine: 'microsoft.sql_server',
      host: 'db1',
      port: 1433,
      database: 'shop',
    })
    expect(server.asked).toEqual([OWN, OTHER.traceId])
    expect(questions).toBe(2)
  })

  it('is the trace that it is joined to, where its source stands too', async () => {
    const server = serverWith({ record: RECORD }, { joined: OTHER })
    const { source, surrounding } = await readSurroundings(server, RUN, [])
    expect([...surrounding]).toEqual([OTHER.traceId])
    expect(source?.host).toBe('db1')
  })

  it('is the trace in which it was found, and none of its own', async () => {
    const server = serverWith({})
    const own = [0, 1, 2].map((page) => traceIdOf({ ...RUN, page }))
    const { surrounding } = await readSurroundings(server, RUN, [...own, OTHER.traceId])
    expect([...surrounding]).toEqual([OTHER.traceId])
    expect((await readSurroundings(server, RUN, own)).surrounding.size).toBe(0)
  })

  it('is nothing where nobody says anything, and no more than three traces in any case', async () => {
    const server = serverWith({})
    expect(await readSurroundings(server, RUN, [])).toMatchObject({ problems: [], questions: 1 })
    const many = Array.from({ length: 50 }, (_, i) => (i + 1).toString(16).padStart(32, '0'))
    expect((await readSurroundings(server, RUN, many)).surrounding.size).toBe(3)
    const none = ['', 'x', '0'.repeat(32)]
    expect((await readSurroundings(server, RUN, none)).surrounding.size).toBe(0)
  })

  it('is an error where the server gives no usable answer', async () => {
    const trace = async () => {
      throw new RivetOtelError('UNREACHABLE', 'gone')
    }
    await expect(readSurroundings({ trace }, RUN, [])).rejects.toThrow('gone')
  })
})
