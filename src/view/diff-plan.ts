/** What of two plans is not the same: each field by itself, and SQL line by line. */
import { diffLines } from 'diff'
import type { Difference, DiffLine, NotCompared } from './run-diff.js'
import type { Labelled, RunView } from './run-view.js'

/** A difference takes time by how much of a text differs: beyond so many lines, all of it does. */
const MOST_EDITS = 2_000

/** It names the run, and does not plan it. */
const EXPORT_NAME = 'export_name'

const REDACTED = '[redacted]'
const REDACTED_WITH_KEY = '[redacted:'

/** What was found of plans. */
export interface PlanDiff {
  readonly differences: readonly Difference[]
  readonly notCompared: readonly NotCompared[]
}

/**
 * Compares two plans.
 *
 * @example
 * diffPlans(a, b).differences[0] // { subject: 'plan', label: 'compression', a: 'zstd', b: 'none', change: null }
 */
export function diffPlans(a: RunView, b: RunView): PlanDiff {
  const fieldsOfA = fieldsOf(a)
  const fieldsOfB = fieldsOf(b)
  if (fieldsOfA === undefined || fieldsOfB === undefined)
    return { differences: [], notCompared: [] }
  const differences: Difference[] = []
  const notCompared: NotCompared[] = []
  for (const label of new Set([...fieldsOfA.keys(), ...fieldsOfB.keys()])) {
    const [inA, inB] = [fieldsOfA.get(label) ?? null, fieldsOfB.get(label) ?? null]
    if (isHidden(inA, inB)) notCompared.push({ subject: 'plan', label, why: 'it was taken out' })
    else if (inA !== inB) {
      const lines = label === 'query' ? { lines: linesOf(inA ?? '', inB ?? '') } : {}
      const whose = inA === null ? 'A' : 'B'
      // A field that is absent may be one that an older rivet did not know.
      if (inA === null || inB === null)
        notCompared.push({ subject: 'plan', label, why: `${whose} does not say it` })
      differences.push({ subject: 'plan', label, a: inA, b: inB, change: null, ...lines })
    }
  }
  return { differences, notCompared }
}

function fieldsOf({ plan, query }: RunView): ReadonlyMap<string, string> | undefined {
  if (plan === undefined) return undefined
  const fields: readonly Labelled[] =
    query === null ? plan : [...plan, { label: 'query', text: query }]
  return new Map(
    fields.flatMap(({ label, text }) => (label === EXPORT_NAME ? [] : [[label, text]])),
  )
}

/** What was taken out without a key looks the same whatever it was. */
function isHidden(a: string | null, b: string | null): boolean {
  const texts = [a ?? '', b ?? '']
  if (texts.some((text) => text.includes(REDACTED))) return true
  const withKey = texts.filter((text) => text.includes(REDACTED_WITH_KEY)).length
  return withKey === 1
}

function linesOf(a: string, b: string): DiffLine[] {
  const [withEndA, withEndB] = [a, b].map((text) => `${text.trimEnd().replace(/\r\n?/g, '\n')}\n`)
  const parts = diffLines(withEndA ?? '', withEndB ?? '', { maxEditLength: MOST_EDITS })
  const found = parts ?? [
    { added: false, removed: true, value: withEndA ?? '' },
    { added: true, removed: false, value: withEndB ?? '' },
  ]
  return found.flatMap(({ added, removed, value }) =>
    value
      .replace(/\n$/, '')
      .split('\n')
      .map((text) => ({ in: removed ? 'a' : added ? 'b' : 'both', text }) as const),
  )
}
