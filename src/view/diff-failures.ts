/** What went wrong in one of two runs and not in the other. */
import type { OneSidedFinding, RunDiff } from './run-diff.js'
import type { Finding, RunView } from './run-view.js'

/** A chunk that failed says which one it was and at which attempt; the same may happen to another one. */
const CHUNK = /\b(chunk[ _#]*)-?\d+/gi
const CHUNKS = /\b\d[\d,]*( chunk)/gi
const ATTEMPT = /^attempt [\d,]+: /

/**
 * Compares what was not well. Two failures are the same where they say the same, whichever chunk it was.
 *
 * @example
 * diffFailures(a, b).only_in_b[0]?.text // 'attempt 1: db error: ERROR: division by zero'
 */
export function diffFailures(a: RunView, b: RunView): RunDiff['failures'] {
  const [inA, inB] = [findingsOf(a), findingsOf(b)]
  return { only_in_a: without(inA, inB), only_in_b: without(inB, inA) }
}

function without(
  findings: ReadonlyMap<string, OneSidedFinding>,
  others: ReadonlyMap<string, OneSidedFinding>,
): OneSidedFinding[] {
  const only = [...findings].flatMap(([name, finding]) => (others.has(name) ? [] : [finding]))
  return only.sort((one, other) => rank(one) - rank(other))
}

function rank({ level }: Finding): number {
  return level === 'bad' ? 0 : 1
}

/** What is not well with the schema is a subject of its own. */
function findingsOf({ degraded, planned, error }: RunView): Map<string, OneSidedFinding> {
  const found = new Map<string, OneSidedFinding>()
  const add = (finding: Finding) => {
    const name = nameOf(finding)
    const held = found.get(name)
    const { label, text, level } = finding
    found.set(name, held ? { ...held, count: held.count + 1 } : { label, text, level, count: 1 })
  }
  if (error !== null) add({ label: 'error', text: error, level: 'bad' })
  for (const finding of degraded) if (finding.label !== 'schema' && !isOfPlan(finding)) add(finding)
  for (const { label, text, level } of planned)
    if (level === 'warning' || level === 'bad') add({ label, text, level })
  return found
}

/** They stand in full among what was planned. */
function isOfPlan({ label, text }: Finding): boolean {
  return label === 'warning' && text.endsWith(' of the plan, see Planned')
}

function nameOf({ label, text, level }: Finding): string {
  const said = text.replace(ATTEMPT, '').replace(CHUNK, '$1').replace(CHUNKS, '#$1')
  return JSON.stringify([level, label.replace(CHUNK, '$1'), said])
}
