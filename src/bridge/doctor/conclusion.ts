/** What all findings come to. Pure. */
import type { Check, Diagnosis, Finding, Verdict } from './findings.js'

/** Which places were named, whether both gave usable answers, and what was not accepted. */
export interface Places {
  readonly to: string | undefined
  readonly in: string | undefined
  readonly isUnreachable: boolean
  /** What was sent and not accepted, also where no run is like that. */
  readonly refused: readonly Check[]
}

const NAME_IN = 'Name where traces are read back with --in to know whether runs come back.'

/**
 * Concludes.
 *
 * @example
 * const places = { to: 'http://localhost:4318/v1/traces', in: undefined, isUnreachable: false, refused: [] }
 * concluded(findings, places).verdict
 * // 'accepted'
 */
export function concluded(findings: readonly Finding[], places: Places): Diagnosis {
  const verdict = verdictOf(findings, places)
  return {
    ...(places.to !== undefined && { to: places.to }),
    ...(places.in !== undefined && { in: places.in }),
    verdict,
    findings,
    conclusion: [...wordsFor(verdict, findings, places), ...limitsIn(verdict, findings)],
  }
}

function verdictOf(findings: readonly Finding[], places: Places): Verdict {
  if (places.isUnreachable) return 'unreachable'
  if (findings.some(({ mark }) => mark === 'bad')) return 'loses'
  if (places.in === undefined) return places.refused.length === 0 ? 'accepted' : 'refused'
  if (places.to === undefined) return 'readable'
  return findings.some(({ check, mark }) => check === 'run' && mark === 'ok') ? 'exact' : 'loses'
}

function wordsFor(verdict: Verdict, findings: readonly Finding[], { refused }: Places): string[] {
  switch (verdict) {
    case 'exact':
      return [
        'Runs come back exact from here.',
        ...(refused.length === 0
          ? []
          : [`Not accepted, without harm to runs: ${refused.join(', ')}.`]),
      ]
    case 'accepted':
      return [
        'Everything that was sent was accepted. That proves nothing beyond acceptance: a place may answer 200 and drop what it took.',
        NAME_IN,
      ]
    case 'refused':
      return [
        `Not everything that was sent was accepted: ${refused.join(', ')}. What was accepted may still be dropped.`,
        NAME_IN,
      ]
    case 'readable':
      return [
        'It can be read from. Nothing was sent, so what it does to runs is not known.',
        'Name where runs are sent with --to to measure that: long text, integers, nanoseconds, events, large traces, bursts, old runs.',
      ]
    case 'loses': {
      const bad = findings.filter(({ mark }) => mark === 'bad').map(({ check }) => check)
      if (bad.includes('sending')) return ['Runs would be lost: what is sent is not accepted.']
      const isExact = findings.some(({ check, mark }) => check === 'run' && mark === 'ok')
      return [
        `Runs would be lost or changed: ${bad.join(', ')}.`,
        ...(isExact ? ['The synthetic run itself came back exact; others may not.'] : []),
      ]
    }
    case 'unreachable':
      return ['Nothing is known of what becomes of runs: there was no usable answer.']
  }
}

function limitsIn(verdict: Verdict, findings: readonly Finding[]): string[] {
  const limited = findings.filter(({ mark }) => mark === 'limited').map(({ check }) => check)
  if (verdict === 'unreachable' || limited.length === 0) return []
  const harm = verdict === 'loses' ? 'Limited' : 'Limited, without harm to runs'
  return [`${harm}: ${limited.join(', ')}.`]
}
