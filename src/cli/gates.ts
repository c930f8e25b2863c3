/**
 * Gates: in which differences of two runs somebody wants to be stopped.
 *
 * A gate that cannot be checked, because a run does not say it, does not hold.
 */
import { nearNames } from '../bridge/near-names.js'
import { RivetOtelError } from '../problem.js'
import { QUANTITIES, type Quantity } from '../view/diff-runs.js'
import type { NotCompared, RunDiff, Subject } from '../view/run-diff.js'

/** What may be gated. */
export type GatedSubject = Exclude<Subject, 'beside'>

/** Where somebody wants to be stopped. */
export interface Gate {
  /** As it was given: `rows=5%`. */
  readonly gate: string
  readonly subject: GatedSubject
  /** How far a number may move; absent where not at all. */
  readonly tolerance?: Tolerance
}

/** How far a number may move. */
export interface Tolerance {
  /** `+` where only more counts, `-` where only less does. */
  readonly direction?: '+' | '-'
  /** Of the earlier run's number; 0.05 is 5 %. */
  readonly part?: number
  /** In what is counted: rows, bytes, milliseconds. */
  readonly most?: number
}

/** What came of a gate. */
export interface JudgedGate {
  readonly gate: string
  readonly subject: GatedSubject
  /** `differs` and `unknown` stop. */
  readonly outcome: 'holds' | 'differs' | 'unknown'
  /** What differs, or why that is not known; `null` where the gate holds. */
  readonly why: string | null
}

const SUBJECTS: Readonly<Record<GatedSubject, { readonly isNumber: boolean }>> = {
  status: { isNumber: false },
  plan: { isNumber: false },
  schema: { isNumber: false },
  failures: { isNumber: false },
  rows: { isNumber: true },
  bytes: { isNumber: true },
  files: { isNumber: true },
  chunks: { isNumber: true },
  retries: { isNumber: true },
  duration: { isNumber: true },
  longest_chunk: { isNumber: true },
}

const GATE_NAMES: readonly string[] = Object.keys(SUBJECTS).map(nameOf)

const TOLERANCE = /^([+-]?)(?:(\d{1,12}(?:\.\d{1,6})?)(%|ms|s|m|h)?)?$/
const MS_BY_UNIT = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const
/** What is no name of anything may be a secret that stands in the wrong place. */
const NAME = /^[a-z][a-z _-]{0,29}$/i

/**
 * Reads gates, each `--gate` with commas between several.
 *
 * @throws {RivetOtelError} `USAGE` for a gate that there is not, naming the near ones, and for a
 *   tolerance that is none.
 * @example
 * gatesOf(['schema,plan', 'duration=+20%']).map(({ subject }) => subject) // ['schema', 'plan', 'duration']
 */
export function gatesOf(texts: readonly string[]): Gate[] {
  return texts.flatMap((text) => text.split(',')).map((text) => gateOf(text.trim()))
}

/**
 * What comes of gates. Of failures and of the status only what is worse in `b` counts: what went wrong there
 * and not in `a`, and another status than `success`.
 *
 * @example
 * judgeGates(diff, gatesOf(['rows=5%']))[0]?.outcome // 'holds'
 */
export function judgeGates(diff: RunDiff, gates: readonly Gate[]): JudgedGate[] {
  return gates.map((gate) => {
    const { gate: given, subject } = gate
    const why = whyNot(diff, gate)
    if (why !== undefined) return { gate: given, subject, outcome: 'differs', why }
    const unknown = diff.not_compared.filter((one) => one.subject === subject)
    return unknown.length === 0
      ? { gate: given, subject, outcome: 'holds', why: null }
      : { gate: given, subject, outcome: 'unknown', why: unknown.map(unknownWords).join('; ') }
  })
}

function gateOf(text: string): Gate {
  const [name = '', ...values] = text.split('=')
  const subject = name.replaceAll('-', '_')
  if (!isSubject(subject)) throw noSuchGate(name)
  if (values.length === 0) return { gate: name, subject }
  const { isNumber } = SUBJECTS[subject]
  if (!isNumber) {
    throw new RivetOtelError('USAGE', `--gate ${name}: it takes no tolerance, it is no number`)
  }
  return { gate: text, subject, tolerance: toleranceOf(name, subject, values.join('=')) }
}

function toleranceOf(name: string, subject: GatedSubject, text: string): Tolerance {
  const [found, direction, count, unit] = TOLERANCE.exec(text) ?? []
  const isTime = subject === 'duration' || subject === 'longest_chunk'
  const isUnitOfTime = unit !== undefined && unit !== '%'
  if (found === undefined || text === '' || (isUnitOfTime && !isTime)) {
    const most = isTime ? '30s' : '100'
    throw new RivetOtelError(
      'USAGE',
      `--gate ${name}: expected a tolerance like 5%, ${most}, +20% (only more counts) or -5% (only less)`,
    )
  }
  const number = Number(count ?? 0)
  const ms = isUnitOfTime ? MS_BY_UNIT[unit as keyof typeof MS_BY_UNIT] : 1
  return {
    ...(direction === '+' || direction === '-' ? { direction } : {}),
    ...(unit === '%' ? { part: number / 100 } : { most: number * ms }),
  }
}

function isSubject(name: string): name is GatedSubject {
  return Object.hasOwn(SUBJECTS, name)
}

function nameOf(subject: string): string {
  return subject.replaceAll('_', '-')
}

function noSuchGate(name: string): RivetOtelError {
  const isName = NAME.test(name)
  const near = isName ? nearNames(name.toLowerCase(), GATE_NAMES) : []
  const meant = near.length > 0 ? ` (did you mean ${near.join(' or ')}?)` : ''
  return new RivetOtelError(
    'USAGE',
    `--gate: there is no gate${isName ? ` ${name}` : ' of that name'}${meant}`,
    {
      hint: `There are ${GATE_NAMES.join(', ')}.`,
    },
  )
}

function unknownWords({ subject, label, why }: NotCompared): string {
  return nameOf(subject) === nameOf(label.replaceAll(' ', '_')) ? why : `${label}: ${why}`
}

/** Why a gate does not hold; `undefined` where nothing is known that speaks against it. */
function whyNot(diff: RunDiff, { subject, tolerance }: Gate): string | undefined {
  const quantity = QUANTITIES.find((one) => one.subject === subject)
  if (quantity !== undefined) return whyMoved(diff, quantity, tolerance ?? { most: 0 })
  if (subject === 'failures') {
    const { length } = diff.failures.only_in_b.filter(({ level }) => level === 'bad')
    return length === 0 ? undefined : `${length} in B and not in A`
  }
  const known = diff.differences.filter((one) => one.subject === subject && isKnown(one))
  if (subject === 'status')
    return known.length > 0 && diff.b.status !== 'success'
      ? `${diff.a.status} → ${diff.b.status}`
      : undefined
  return known.length === 0
    ? undefined
    : known.map(({ label, a, b }) => (label === 'schema' ? b || a || '' : label)).join(', ')
}

function isKnown({ a, b }: { readonly a: string | null; readonly b: string | null }): boolean {
  return a !== null && b !== null
}

function whyMoved(
  { a, b, not_compared }: RunDiff,
  { subject, of, words }: Quantity,
  { direction, part = 0, most = 0 }: Tolerance,
): string | undefined {
  const [inA, inB] = [of(a), of(b)]
  const isUnknown = not_compared.some((one) => one.subject === subject)
  if (isUnknown || inA === null || inB === null) return undefined
  const [before, after] = [BigInt(inA), BigInt(inB)]
  const moved = Number(after - before)
  const isCounted = direction === undefined || (direction === '+' ? moved > 0 : moved < 0)
  const tolerated = Math.max(part * Math.abs(Number(before)), most)
  return isCounted && Math.abs(moved) > tolerated ? `${words(before)} → ${words(after)}` : undefined
}
