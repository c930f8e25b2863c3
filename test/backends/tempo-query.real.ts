/** How long a query may be that Tempo reads as it stands, and that ours are no longer. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MOST_QUERY_BYTES } from '../../src/backends/traceql.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { formatTimestamp } from '../../src/journal/timestamp.js'
import { traceIdOf } from '../../src/mapping/ids.js'
import { journalToTrace } from '../../src/mapping/journal-to-trace.js'
import { runCompleted } from '../journal/example-journals.js'
import { sendTrace } from './backend-trip.js'
import { backendsAvailable } from './build.mjs'
import { openBackend } from './product-trip.js'
import { type RunningBackend, startTempo } from './run-backends.js'
import { collect, idsOf } from './search-items.js'

const NOW = BigInt(Date.now()) * 1_000_000n
const HOUR = 3_600_000_000_000n
const REFUSED = /^400 .*col 1025: syntax error: unexpected \$end/
const lengths = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe.skipIf(!backendsAvailable())('a query to a real Tempo', () => {
  let tempo: RunningBackend
  beforeAll(async () => {
    tempo = await startTempo({
      config: { ingester: { trace_idle_period: '1s', flush_check_period: '1s' } },
    })
  })
  afterAll(() => tempo?.stop())

  const answerTo = async (query: string): Promise<string> => {
    const answer = await fetch(`${tempo.query}/api/search?q=${encodeURIComponent(query)}`)
    return `${answer.status} ${(await answer.text()).trim()}`
  }
  const CONDITION = 'span.rivet.export.name = "orders"'
  /** A condition that begins after so many bytes. */
  const after = (bytes: number) => {
    const [before, behind] = ['{ name != "', '" && ']
    return `${before}${'x'.repeat(bytes - before.length - behind.length)}${behind}${CONDITION} }`
  }

  it('is read where it has 1,024 bytes or fewer', async () => {
    const most = MOST_QUERY_BYTES - after(100).length + 100
    for (const bytes of lengths(most - 60, most))
      expect(await answerTo(after(bytes)), `${bytes}`).toMatch(/^200 /)
    expect(after(most)).toHaveLength(1024)
  })

  it('is refused where byte 1,025 is one of the first of an attribute, and read otherwise', async () => {
    const refused: number[] = []
    for (const bytes of lengths(985, 1030)) {
      const answer = await answerTo(after(bytes))
      if (REFUSED.test(answer)) refused.push(1024 - bytes)
      else expect(answer, `${bytes}`).toMatch(/^200 /)
    }
    // Where byte 1,025 is, counted from the beginning of the condition.
    expect(refused.map((at) => CONDITION[at]).reverse()).toEqual([...'ivet.e'])
  })

  it('finds the runs of many exports, however long their names are', async () => {
    const at = formatTimestamp(NOW)
    const journal = new RunJournal('orders_1', 'orders', [
      { recorded_at: at, event: runCompleted('success', null, 1000) },
    ])
    for (const { trace } of journalToTrace(journal, {}))
      await sendTrace(trace, tempo.otlpHttp, 'protobuf')
    const backend = await openBackend('tempo', tempo.query)
    const wanted = traceIdOf({ namespace: '', runId: 'orders_1', page: 0 })
    const isFound = async (exports: readonly string[]) => {
      const window = { sinceUnixNano: NOW - HOUR, untilUnixNano: NOW + HOUR }
      return [...idsOf(await collect(backend, { ...window, exports }))].includes(wanted)
    }
    while (!(await isFound([]))) await delay(200)
    const others = Array.from({ length: 20 }, (_, i) => `an_export_${i}`)
    for (const length of lengths(1, 80))
      expect(await isFound([...others, 'x'.repeat(length), 'orders']), `${length}`).toBe(true)
    expect(await isFound([...Array.from({ length: 300 }, (_, i) => `e${i}`), 'orders'])).toBe(true)
    backend.close()
  })
})
