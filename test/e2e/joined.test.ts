import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stringifyJournal } from '../../src/journal/codec.js'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import { encodeResourceSpansJson, joinJsonRequest } from '../../src/trace/otlp-json.js'
import type { Trace } from '../../src/trace/trace.js'
import { foreignTrace, joinedPages, WRAPPER, wrapperTrace } from '../bridge/joined-traces.js'
import { SERVERS, serverWithTraces } from '../bridge/server-with-traces.js'
import { shopJournals, T0 } from '../journal/example-journals.js'
import { rivetOtel, temporaryFolder } from './command-line.js'

const [FIRST, SECOND] = shopJournals()
if (FIRST === undefined || SECOND === undefined) throw new Error('no journals')
const KILLED = interruptedRunToTrace({
  kind: 'unjournaled',
  runId: 'killed',
  exportName: 'orders',
  state: 'interrupted',
  status: 'running',
  startedUnixNano: T0,
  endedUnixNano: T0 + 1_000_000_000n,
  record: { runId: 'killed', exportName: 'orders', harm: [] },
  chunkTasks: [],
  files: [],
}).trace
const KILLED_ID = KILLED.spans[0]?.traceId ?? ''

/** A job's trace, a run that was joined to it, one of which only the signpost is there, and a killed one. */
const TRACES: readonly Trace[] = [
  foreignTrace(),
  wrapperTrace([FIRST, SECOND]),
  KILLED,
  ...joinedPages(FIRST).map(({ trace }) => trace),
  ...joinedPages(SECOND)
    .filter(({ subject }) => subject === 'signpost')
    .map(({ trace }) => trace),
]

describe.each([...SERVERS, 'a file'] as const)(
  'runs that are joined to another trace, in %s',
  (place) => {
    const from = async (): Promise<string> => {
      if (place === 'a file') {
        const file = join(temporaryFolder(), 'traces.otlp.jsonl')
        const lines = TRACES.map((trace) => {
          return Buffer.from(joinJsonRequest([encodeResourceSpansJson(trace)])).toString()
        })
        writeFileSync(file, `${lines.join('\n')}\n`)
        return file
      }
      const { location, keep } = await serverWithTraces(place)
      for (const trace of TRACES) keep(trace)
      return location
    }

    it('are imported by their run_ids, and what has no journal says why', async () => {
      const args = ['import', '--from', await from()]
      const ids = ['--run-id', FIRST.run_id, '--run-id', SECOND.run_id]
      const { code, stdout, stderr } = await rivetOtel([...args, ...ids])
      expect({ code, stdout }).toEqual({ code: 1, stdout: `${stringifyJournal(FIRST)}\n` })
      expect(stderr).toContain(`${SECOND.run_id}: incomplete`)
      expect(stderr).toContain(`its spans are in trace ${WRAPPER.traceId}, `)
      const killed = await rivetOtel([...args, '--run-id', 'killed'])
      expect(killed.stdout).toBe('')
      expect(killed.stderr).toContain(
        `killed was interrupted and left no journal; its trace is ${KILLED_ID}`,
      )
    })

    it('are imported by the trace that they are joined to', async () => {
      const args = ['import', '--from', await from(), '--trace-id', WRAPPER.traceId]
      const { code, stdout } = await rivetOtel([...args, '--export', FIRST.export_name])
      expect({ code, stdout }).toEqual({ code: 0, stdout: `${stringifyJournal(FIRST)}\n` })
    })

    it('are shown, and a killed one is said to have left no journal', async () => {
      const location = await from()
      const shown = await rivetOtel(['show', '--from', location, FIRST.run_id])
      expect(shown).toMatchObject({ code: 0 })
      expect(shown.stdout).toContain(FIRST.run_id)
      const killed = await rivetOtel(['show', '--from', location, 'killed'])
      expect(killed.code).toBe(0)
      expect(killed.stdout).toContain('interrupted')
      expect(killed.stdout).toContain(KILLED_ID)
    })
  },
)
