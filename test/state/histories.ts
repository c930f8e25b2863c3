/**
 * Histories of runs, played as rivet plays them (`pipeline/job.rs` and `state/run_status_store.rs` of
 * 0.32.2): what the tables say in the end, and which run truly went on with which.
 */
import fc from 'fast-check'
import type { Resumption, RunLife } from '../../src/state/resumption.js'

/** What the tables say, and what was. */
export interface History {
  readonly lives: readonly RunLife[]
  /** When the journals ended, in nanoseconds since 1970. */
  readonly journals: ReadonlyMap<string, bigint>
  /** By the name of the run that went on, of those that the last one did for its older one. */
  readonly resumptions: readonly Resumption[]
}

/** One run: how long after the one before, how long, how it ended, and whether it resumes. */
interface Play {
  readonly pause: number
  readonly length: number
  readonly end: 'killed' | 'success' | 'failed' | 'skipped'
  readonly resumes: boolean
}

/** The runs of an export on one source, none of which overlap. */
interface Stream {
  readonly exportName: string
  readonly source: string
  readonly plays: readonly Play[]
}

const play: fc.Arbitrary<Play> = fc.record({
  pause: fc.integer({ min: 1, max: 20 }),
  length: fc.integer({ min: 5, max: 40 }),
  end: fc.constantFrom('killed', 'killed', 'success', 'failed', 'failed', 'skipped'),
  resumes: fc.boolean(),
})

const streams = fc.uniqueArray(
  fc.record({
    exportName: fc.constantFrom('orders', 'customers'),
    source: fc.constantFrom('postgres://db:5432/shop', 'mysql://db:3306/shop'),
    plays: fc.array(play, { maxLength: 15 }),
  }),
  { selector: ({ exportName, source }) => `${exportName} ${source}` },
)

/** Any history. */
export const histories: fc.Arbitrary<History> = streams.map(history)

type Row = { -readonly [K in keyof RunLife]: RunLife[K] } & { startedUnixNano: bigint }

function history(all: readonly Stream[]): History {
  const lives: Row[] = []
  const journals = new Map<string, bigint>()
  const resumptions: Resumption[] = []
  all.forEach((stream, number) => {
    const rows = playStream(stream, `${number}`, journals, resumptions)
    lives.push(...rows)
  })
  resumptions.sort((a, b) => (a.runId < b.runId ? -1 : 1))
  return { lives, journals, resumptions }
}

function playStream(
  { exportName, source, plays }: Stream,
  name: string,
  journals: Map<string, bigint>,
  resumptions: Resumption[],
): Row[] {
  const rows: Row[] = []
  /** The row under whose name work is left to go on with. */
  let left: Row | undefined
  let now = 1_000n
  plays.forEach(({ pause, length, end, resumes }, number) => {
    now += BigInt(pause)
    const own: Row = {
      ...{ runId: `${name}/${number + 10}`, exportName, source },
      ...{ status: 'running', startedUnixNano: now },
    }
    for (const row of rows) if (row.status === 'running') interrupt(row, now)
    rows.push(own)
    now += BigInt(length)
    const adopted = resumes ? left : undefined
    if (end === 'killed') {
      left = adopted ?? own
      return
    }
    journals.set(own.runId, now - 2n)
    finish(own, end, now)
    if (adopted !== undefined) {
      finish(adopted, end, now - 1n)
      noteResumption(resumptions, own, adopted, rows, journals.has(adopted.runId))
    }
    left = end === 'failed' ? (adopted ?? own) : undefined
  })
  return rows
}

function interrupt(row: Row, now: bigint): void {
  row.status = 'interrupted'
  row.finishedUnixNano = now
}

function finish(row: Row, status: string, now: bigint): void {
  row.status = status
  row.finishedUnixNano = now
}

/** A later run that goes on with the same work takes away what told of this one. */
function noteResumption(
  resumptions: Resumption[],
  own: Row,
  adopted: Row,
  rows: readonly Row[],
  hasJournal: boolean,
): void {
  const known = resumptions.findIndex(({ resumedRunId }) => resumedRunId === adopted.runId)
  if (known >= 0) resumptions.splice(known, 1)
  const next = rows[rows.indexOf(adopted) + 1] ?? own
  resumptions.push({
    ...{ runId: own.runId, resumedRunId: adopted.runId, hasJournal },
    interruptedUnixNano: next.startedUnixNano,
  })
}
