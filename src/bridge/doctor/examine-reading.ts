/** The part of an examination that reads back: what was accepted is looked for, and judged. */
import type { TraceBackend } from '../../backends/backend.js'
import type { ImportedRun } from '../../mapping/imported-run.js'
import { RivetOtelError, reasonOf } from '../../problem.js'
import type { ReceivedSpan } from '../../trace/trace.js'
import type { ServerFacts } from './examine-facts.js'
import { type Check, type Finding, finding } from './findings.js'
import { judgeNothing, judgeNothingAtAll } from './judge-nothing.js'
import { judgeOldRun, judgeRun, judgeSearch } from './judge-runs.js'
import { judgeBurst, judgePage } from './judge-traces.js'
import { judgeEvents, judgeIntegers, judgeLongText, judgeNanoseconds } from './judge-values.js'
import type { Probe } from './probes.js'
import { ProbeReader } from './reader.js'
import type { SyntheticRun } from './synthetic-run.js'
import type { Treatment } from './treatment.js'

/** What is looked for, and for how long. */
export interface ReadingChecks {
  readonly everything: Treatment
  /** What was not accepted, so that it is not looked for. */
  readonly refused: ReadonlyMap<Check, Finding>
  readonly kind: ServerFacts['kind']
  /** In ms. */
  readonly waitMs: number
  readonly onProgress?: ((what: string) => void) | undefined
}

/**
 * Reads everything back. A check that the server gives no usable answer to is bad, and the others
 * go on.
 *
 * @example
 * const findings = await readChecks(backend, { everything, refused, kind: 'tempo', waitMs: 10_000 })
 */
export async function readChecks(
  backend: TraceBackend,
  { everything, refused, kind, waitMs, onProgress }: ReadingChecks,
): Promise<Finding[]> {
  const { values, text, events, page, run, old, burst } = everything
  const reader = new ProbeReader(backend, waitMs)
  const findings: Finding[] = []
  const check = async (name: Check, judge: () => Promise<Finding>) => {
    onProgress?.(`reading back: ${name}`)
    findings.push(refused.get(name) ?? (await judgedOrFailed(name, judge)))
  }
  const vanished = new Set<Check>()
  let isAnyBack = false
  const ofProbe = (name: Check, probe: Probe, judge: (spans: readonly ReceivedSpan[]) => Finding) =>
    check(name, async () => {
      const spans = await reader.probe(probe)
      isAnyBack ||= spans.length > 0
      if (spans.length > 0) return judge(spans)
      vanished.add(name)
      return judgeNothing(name, waitMs, kind)
    })
  const ofRun = (name: Check, sent: SyntheticRun, judge: (run: ImportedRun) => Finding) =>
    check(name, async () => {
      const imported = await reader.run(sent)
      isAnyBack ||= imported !== undefined
      if (imported !== undefined) return judge(imported)
      vanished.add(name)
      return judgeNothing(name, waitMs, kind)
    })

  await ofProbe('integers', values, judgeIntegers)
  await ofProbe('nanoseconds', values, (spans) => judgeNanoseconds(spans, values))
  await ofProbe('long text', text, (spans) => judgeLongText(spans, kind))
  await ofProbe('events', events, judgeEvents)
  await ofProbe('page', page, (spans) => judgePage(spans, page, kind))
  if (burst.length > 0) {
    await check('burst', async () => {
      const missing = await reader.missing(burst)
      isAnyBack ||= missing < burst.length
      if (missing === burst.length) vanished.add('burst')
      return judgeBurst(burst.length, missing, kind)
    })
  }
  await ofRun('old run', old, (imported) => judgeOldRun(imported, old, kind))
  await ofRun('run', run, (imported) => judgeRun(imported, run))
  const areThere = findings.every(({ check, mark }) => !isRun(check) || mark === 'ok')
  const proof = findings.pop()
  await check('search', async () =>
    areThere
      ? judgeSearch(await reader.search(run, old), kind)
      : finding('search', 'unknown', 'Not measured, because the synthetic runs did not come back.'),
  )
  if (proof !== undefined) findings.push(proof)
  // One cause is told once: the two places do not belong together.
  return isAnyBack
    ? findings
    : findings.map((found) =>
        vanished.has(found.check) ? judgeNothingAtAll(found.check, waitMs) : found,
      )
}

function isRun(check: Check): boolean {
  return check === 'run' || check === 'old run'
}

async function judgedOrFailed(check: Check, judge: () => Promise<Finding>): Promise<Finding> {
  try {
    return await judge()
  } catch (error) {
    if (!(error instanceof RivetOtelError) || error.code !== 'UNREACHABLE') throw error
    const fixes = error.hint === undefined ? [] : [error.hint]
    // A run that no search finds is still found by its id.
    const mark = check === 'search' ? 'limited' : 'bad'
    return finding(check, mark, `No usable answer came: ${reasonOf(error)}.`, fixes)
  }
}
