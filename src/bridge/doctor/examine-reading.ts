/** The part of an examination that reads back: what was accepted is looked for, and judged. */
import type { TraceBackend } from '../../backends/backend.js'
import { RivetOtelError, reasonOf } from '../../problem.js'
import type { ReceivedSpan } from '../../trace/trace.js'
import type { ServerKind } from '../location.js'
import { type Check, type Finding, finding } from './findings.js'
import { judgeNothing, judgeNothingAtAll } from './judge-nothing.js'
import { judgeOldRun, judgeRun, judgeSearch } from './judge-runs.js'
import { judgeBurst, judgePage } from './judge-traces.js'
import { judgeEvents, judgeIntegers, judgeLongText, judgeNanoseconds } from './judge-values.js'
import type { Probe } from './probes.js'
import { ProbeReader } from './reader.js'
import type { Treatment } from './treatment.js'

/** What is looked for, and for how long. */
export interface ReadingChecks {
  readonly everything: Treatment
  /** What was not accepted, so that it is not looked for. */
  readonly refused: ReadonlyMap<Check, Finding>
  readonly kind: ServerKind
  /** In ms. */
  readonly waitMs: number
  readonly onProgress?: ((what: string) => void) | undefined
}

/** What came of reading back. */
export interface ReadAll {
  readonly findings: readonly Finding[]
  /** Some question got no usable answer. */
  readonly isUnanswered: boolean
}

/**
 * Reads everything back. A check that the server gives no usable answer to is bad, and the others
 * go on.
 *
 * @example
 * const { findings } = await readChecks(backend, { everything, refused, kind: 'tempo', waitMs: 10_000 })
 */
export async function readChecks(backend: TraceBackend, checks: ReadingChecks): Promise<ReadAll> {
  const { everything, kind, waitMs } = checks
  const { old, run } = everything
  const reader = new ProbeReader(backend, waitMs)
  const look = looker(checks)
  const probes = await lookForProbes(look, reader, checks)
  const ofOld = await look(
    'old run',
    () => reader.run(old),
    (came) => judgeOldRun(came, old, kind),
  )
  const ofRun = await look(
    'run',
    () => reader.run(run),
    (came) => judgeRun(came, run),
  )
  const areThere = [ofOld, ofRun].every((looked) => looked.finding.mark === 'ok')
  const bySearch = areThere
    ? await look(
        'search',
        () => reader.search(run, old),
        (searched) => judgeSearch(searched, kind),
      )
    : NOT_SEARCHED
  const all = [...probes, ofOld, bySearch, ofRun]
  return {
    findings: told(all, waitMs),
    isUnanswered: all.some(({ came }) => came === 'no answer'),
  }
}

/** What came of one check. */
interface Looked {
  readonly finding: Finding
  readonly came: 'something' | 'nothing' | 'no answer' | 'not looked for'
}

const NOT_SEARCHED: Looked = {
  finding: finding(
    'search',
    'unknown',
    'Not measured, because the synthetic runs did not come back.',
  ),
  came: 'not looked for',
}

/** Looks for what was sent for a check, unless it was refused, and judges what came of it. */
type Look = <T>(
  check: Check,
  ask: () => Promise<T | undefined>,
  judge: (came: T) => Finding,
) => Promise<Looked>

function looker({ refused, kind, waitMs, onProgress }: ReadingChecks): Look {
  return async (check, ask, judge) => {
    onProgress?.(`reading back: ${check}`)
    const refusal = refused.get(check)
    if (refusal !== undefined) return { finding: refusal, came: 'not looked for' }
    try {
      const came = await ask()
      return came === undefined
        ? { finding: judgeNothing(check, waitMs, kind), came: 'nothing' }
        : { finding: judge(came), came: 'something' }
    } catch (error) {
      return { finding: unanswered(check, error), came: 'no answer' }
    }
  }
}

async function lookForProbes(
  look: Look,
  reader: ProbeReader,
  { everything: { values, text, events, page, burst }, kind }: ReadingChecks,
): Promise<Looked[]> {
  const ofProbe = (
    check: Check,
    probe: Probe,
    judge: (spans: readonly ReceivedSpan[]) => Finding,
  ) => {
    const ask = async () => {
      const spans = await reader.probe(probe)
      return spans.length === 0 ? undefined : spans
    }
    return look(check, ask, judge)
  }
  const looked = [
    await ofProbe('integers', values, judgeIntegers),
    await ofProbe('nanoseconds', values, (spans) => judgeNanoseconds(spans, values)),
    await ofProbe('long text', text, (spans) => judgeLongText(spans, kind)),
    await ofProbe('events', events, judgeEvents),
    await ofProbe('page', page, (spans) => judgePage(spans, page, kind)),
  ]
  if (burst.length === 0) return looked
  const ask = async () => {
    const missing = await reader.missing(burst)
    return missing === burst.length ? undefined : missing
  }
  const judge = (missing: number) => judgeBurst(burst.length, missing, kind)
  return [...looked, await look('burst', ask, judge)]
}

/** One cause is told once: where nothing at all came, the two places do not belong together. */
function told(all: readonly Looked[], waitMs: number): Finding[] {
  const isAnyBack = all.some(({ came }) => came === 'something')
  return all.map(({ finding, came }) =>
    isAnyBack || came !== 'nothing' ? finding : judgeNothingAtAll(finding.check, waitMs),
  )
}

function unanswered(check: Check, error: unknown): Finding {
  if (!(error instanceof RivetOtelError) || error.code !== 'UNREACHABLE') throw error
  const fixes = error.hint === undefined ? [] : [error.hint]
  // A run that no search finds is still found by its id.
  const mark = check === 'search' ? 'limited' : 'bad'
  return finding(check, mark, `No usable answer came: ${reasonOf(error)}.`, fixes)
}
