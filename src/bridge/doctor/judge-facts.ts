/** What a server says about itself, judged. It is no measurement: what was measured goes before it. */
import type { JaegerFacts } from '../../backends/jaeger-facts.js'
import type { ConfiguredLimits, TempoFacts } from '../../backends/tempo-facts.js'
import { MAX_PAGE_BYTES } from '../../mapping/size.js'
import { type Finding, finding, type Mark } from './findings.js'
import { fixesFor } from './fixes.js'
import { TEXT_BYTES } from './probes.js'

/** Room for a page that is sent a second time: a Tempo counts its spans again. */
const ROOMY_TRACE_BYTES = 2 * MAX_PAGE_BYTES

/**
 * Which program it is, and its limits.
 *
 * @example
 * judgeTempo({ isTempo: true, version: '2.8.1' })[0]?.sentence // 'It is a Tempo, version 2.8.1.'
 */
export function judgeTempo(facts: TempoFacts): Finding[] {
  const version =
    facts.version === undefined ? ' that does not say its version' : `, version ${facts.version}`
  const program = facts.isTempo
    ? finding('program', 'ok', `It is a Tempo${version}; traces are read in OTLP.`)
    : finding(
        'program',
        'unknown',
        'It does not say that it is a Tempo: /api/echo and /api/status/buildinfo are not shown.',
      )
  return [program, judgeLimits(facts.limits)]
}

function judgeLimits(limits: ConfiguredLimits | undefined): Finding {
  if (limits === undefined) {
    return finding(
      'limits',
      'unknown',
      'It does not show its configuration (/status/config), so its limits are known only as far as they were measured.',
    )
  }
  const { searchMaxDuration, retryAfter } = limits
  const said = [
    amount('texts', limits.maxAttributeBytes, 'bytes'),
    amount('a trace', limits.maxBytesPerTrace, 'bytes'),
    amount('live traces', limits.maxTracesPerUser, ''),
    amount('a request', limits.burstSizeBytes, 'bytes'),
    searchMaxDuration === undefined ? undefined : `a search ${searchMaxDuration}`,
    retryAfter === undefined
      ? undefined
      : retryAfter === '0s'
        ? 'no Retry-After for whoever sends too much'
        : `Retry-After ${retryAfter} for whoever sends too much`,
  ].filter((words) => words !== undefined)
  const concerns = concernsOf(limits)
  const mark: Mark = concerns.length === 0 ? 'ok' : 'limited'
  return finding(
    'limits',
    mark,
    `Its configuration allows: ${said.join(', ')}. ${[...concerns, 'A tenant may have limits of its own.'].join(' ')}`,
    concerns.length === 0 ? [] : fixesFor('limits', 'tempo'),
  )
}

function amount(what: string, limit: number | undefined, unit: string): string | undefined {
  if (limit === undefined) return undefined
  return limit === 0 ? `${what} without limit` : `${what} ${limit} ${unit}`.trimEnd()
}

function concernsOf({ maxAttributeBytes, maxBytesPerTrace = 0 }: ConfiguredLimits): string[] {
  const concerns: string[] = []
  if (maxAttributeBytes !== undefined && maxAttributeBytes < TEXT_BYTES[0]) {
    concerns.push(`Runs have texts of up to ${TEXT_BYTES[0]} bytes, which it would cut.`)
  }
  if (maxBytesPerTrace > 0 && maxBytesPerTrace < MAX_PAGE_BYTES) {
    concerns.push(`A page of a run has up to ${MAX_PAGE_BYTES} bytes, of which it would drop some.`)
  } else if (maxBytesPerTrace > 0 && maxBytesPerTrace < ROOMY_TRACE_BYTES) {
    concerns.push(
      `A page of a run that is sent twice has up to ${ROOMY_TRACE_BYTES} bytes, of which it would drop some.`,
    )
  }
  return concerns
}

/**
 * Which program it is, and which of its APIs there are.
 *
 * @example
 * judgeJaeger({ hasV3: true, hasV1: true })[0]?.mark // 'ok'
 */
export function judgeJaeger({ hasV3, hasV1, version }: JaegerFacts): Finding[] {
  const named = `It is a Jaeger${version === undefined ? ' that does not say its version' : `, version ${version}`}`
  const limits = finding(
    'limits',
    'unknown',
    'A Jaeger does not say its limits: neither how many traces its storage keeps, nor max_span_age (Elasticsearch and OpenSearch: 72h unless set).',
  )
  if (hasV3) {
    const program = hasV1
      ? finding('program', 'ok', `${named}; traces are read in OTLP (/api/v3).`)
      : finding('program', 'limited', `${named}; it lacks /api, which is what searches need.`)
    return [program, limits]
  }
  if (!hasV1) {
    const sentence = 'It does not answer as a Jaeger does: neither /api/v3 nor /api is there.'
    return [finding('program', 'unknown', sentence)]
  }
  const sentence = `${named}; it lacks /api/v3, so traces are read from /api, which has microseconds. Runs do not suffer.`
  return [finding('program', 'limited', sentence, ['Jaeger: version 2 has /api/v3.']), limits]
}

/**
 * What a Tempo discarded during the examination, by its own counters.
 *
 * @example
 * judgeDiscarded(new Map(), new Map([['trace_too_large', 122]])).mark // 'limited'
 */
export function judgeDiscarded(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Finding {
  const more = [...after].flatMap(([reason, count]) => {
    const added = count - (before.get(reason) ?? 0)
    return added > 0 ? [`${added} ${reason}`] : []
  })
  const isRateLimited = more.some((words) => words.endsWith('rate_limited'))
  return more.length === 0
    ? finding('discarded', 'ok', 'By its own counters it discarded no spans meanwhile.')
    : finding(
        'discarded',
        'limited',
        `By its own counters it discarded spans meanwhile, these or those of others: ${more.join(', ')}.${
          isRateLimited ? ' What is rate_limited it refused (429) and gets again.' : ''
        }`,
      )
}
