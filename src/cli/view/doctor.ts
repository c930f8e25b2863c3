/** What an examination found, as text: a line a check, what mends it, and the conclusion. */
import type { Diagnosis, Finding, Mark } from '../../bridge/doctor/findings.js'
import type { Portion } from '../../bridge/doctor/treatment.js'
import { formatBytes, formatCount } from '../../view/quantities.js'
import { type Paint, palette } from './palette.js'
import { wrap } from './wrap.js'

/** How it may look. */
export interface DoctorLook {
  /** Columns of the terminal. */
  readonly width: number
  readonly color: boolean
}

const MARK_COLUMNS = 9
const CHECK_COLUMNS = 13
const NARROWEST_TEXT = 24
const MOST_COLUMNS = 110

/**
 * A diagnosis as text.
 *
 * @example
 * doctorText(diagnosis, { width: 80, color: false })
 */
export function doctorText(
  { to, in: readFrom, findings, conclusion, verdict }: Diagnosis,
  look: DoctorLook,
): string {
  const { good, bad, heading } = palette(look.color)
  const paintEnd = verdict === 'exact' ? good : isFailure(verdict) ? bad : plain
  const [outcome = '', ...remarks] = conclusion
  const lines = [
    ...placesOf(to, readFrom, look),
    '',
    ...findings.flatMap((found) => findingLines(found, look)),
    ...fixesOf(findings, look, heading),
    '',
    ...wrapped(outcome, 0, look).map(paintEnd),
    ...remarks.flatMap((remark) => wrapped(remark, 0, look)),
  ]
  return `${lines.join('\n')}\n`
}

/**
 * What an examination would send, as text.
 *
 * @example
 * doctorPlanText({ to: 'http://localhost:4318/v1/traces', in: undefined }, portions, { width: 80, color: false })
 */
export function doctorPlanText(
  { to, in: readFrom }: { readonly to: string | undefined; readonly in: string | undefined },
  portions: readonly Portion[],
  look: DoctorLook,
): string {
  const sends = portions.map(
    ({ title, traces, spans, bytes }) =>
      `  ${title}: ${formatCount(traces)} ${traces === 1 ? 'trace' : 'traces'}, ${formatCount(spans)} ${spans === 1 ? 'span' : 'spans'}, ${formatBytes(bytes)}`,
  )
  const lines = [
    ...placesOf(to, readFrom, look),
    '',
    ...(sends.length === 0 ? ['would send nothing'] : ['would send', ...sends]),
    readFrom === undefined
      ? 'would read nothing back'
      : 'would read it back, and ask the server what it is',
    'nothing was sent',
  ]
  return `${lines.join('\n')}\n`
}

function placesOf(to: string | undefined, readFrom: string | undefined, look: DoctorLook) {
  return [
    ...wrapped(`to  ${to ?? '(not named)'}`, 0, look),
    ...wrapped(`in  ${readFrom ?? '(not named)'}`, 0, look),
  ]
}

function findingLines({ check, mark, sentence }: Finding, look: DoctorLook): string[] {
  const margin = MARK_COLUMNS + CHECK_COLUMNS
  const [first = '', ...others] = wrapped(sentence, margin, look)
  const lead = paintOf(mark, look)(mark) + ' '.repeat(MARK_COLUMNS - mark.length)
  return [lead + check.padEnd(CHECK_COLUMNS) + first.slice(margin), ...others]
}

function fixesOf(findings: readonly Finding[], look: DoctorLook, heading: Paint): string[] {
  const groups = new Map<string, Finding[]>()
  for (const found of findings) {
    if (found.mark === 'ok' || found.fixes.length === 0) continue
    const key = JSON.stringify([found.mark, found.fixes])
    groups.set(key, [...(groups.get(key) ?? []), found])
  }
  if (groups.size === 0) return []
  const lines = [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return []
    const checks = [first, ...others].map(({ check }) => check).join(', ')
    return [
      `  ${checks} (${paintOf(first.mark, look)(first.mark)})`,
      ...first.fixes.flatMap((fix) => wrapped(fix, 4, look)),
    ]
  })
  return ['', heading('What mends it'), ...lines]
}

function wrapped(text: string, indent: number, { width }: DoctorLook): string[] {
  const room = Math.max(Math.min(width, MOST_COLUMNS) - indent, NARROWEST_TEXT)
  return wrap(text, room).map((line) => ' '.repeat(indent) + line)
}

function paintOf(mark: Mark, { color }: DoctorLook): Paint {
  const { good, warning, bad, quiet } = palette(color)
  return { ok: good, limited: warning, bad, unknown: quiet }[mark]
}

function isFailure(verdict: Diagnosis['verdict']): boolean {
  return verdict === 'loses' || verdict === 'refused' || verdict === 'unreachable'
}

function plain(text: string): string {
  return text
}
