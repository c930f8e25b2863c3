/**
 * What is asked of Tempo: the root spans of first pages, in TraceQL.
 *
 * A condition that TraceQL cannot carry is left out, so that an answer may have more than was asked
 * for, and never less.
 */
import { DOCTOR_SERVICE } from '../mapping/resource.js'
import type { TraceSearch } from './backend.js'
import { MOST_QUERY_BYTES, quoted } from './traceql.js'

/** The conditions of a search that are not about time. */
export type TempoConditions = Pick<TraceSearch, 'exports' | 'statuses'> & {
  /** Whose runs are searched for. Any, but made-up ones only where it is theirs. */
  readonly serviceName: string
}

/** After so many digits of a digest its journals are the same one; two that share one digit less are not met. */
export const MOST_DIGITS = 8

/**
 * The query for the roots of first pages.
 *
 * Every revision of every run comes as a set of its own (`by`), because no two of them have one
 * digest: of the matches of one trace in several blocks Tempo gives only one set otherwise, and of
 * each set only one span is asked for.
 *
 * @param digits what the digest of the journal begins with; it is as good as random, so it cuts an
 *   answer that is too long into parts of one size. At most {@link MOST_DIGITS}.
 * @example
 * tempoQuery({ exports: ['orders'], serviceName: 'rivet' }, '')
 * // '{ span.rivet.trace.page = 0 && … && span.rivet.export.name = "orders" } | by(span.rivet.journal.digest)'
 */
export function tempoQuery(
  { exports, statuses, serviceName }: TempoConditions,
  digits: string,
): string {
  const common = [
    'span.rivet.trace.page = 0',
    ...(serviceName === DOCTOR_SERVICE ? [] : [`resource.service.name != "${DOCTOR_SERVICE}"`]),
  ]
  // The same for every part of an answer, so that the parts are all of it.
  const room = MOST_QUERY_BYTES - Buffer.byteLength(queryOf([...common, beginning(ANY_DIGITS)]))
  const wanted = fitting(
    [...oneOf('span.rivet.export.name', exports), ...oneOf('span.rivet.run.status', statuses)],
    room,
  )
  return queryOf([...common, ...wanted, ...(digits === '' ? [] : [beginning(digits)])])
}

const ANY_DIGITS = '0'.repeat(MOST_DIGITS)
const AND = ' && '

function queryOf(conditions: readonly string[]): string {
  return `{ ${conditions.join(AND)} } | by(span.rivet.journal.digest)`
}

function beginning(digits: string): string {
  return `span.rivet.journal.digest =~ "^${digits}.*"`
}

function oneOf(attribute: string, values: readonly string[] = []): string[] {
  if (values.length === 0) return []
  const alternatives = values.map((value) => `${attribute} = ${quoted(value)}`)
  const condition = alternatives.join(' || ')
  return [alternatives.length === 1 ? condition : `(${condition})`]
}

/** Those conditions, the first ones first, that fit into so many bytes together. */
function fitting(conditions: readonly string[], bytes: number): string[] {
  let left = bytes
  return conditions.filter((condition) => {
    const length = Buffer.byteLength(AND + condition)
    if (length > left) return false
    left -= length
    return true
  })
}
