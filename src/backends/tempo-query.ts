/**
 * What is asked of Tempo: the root spans of first pages, in TraceQL.
 *
 * A condition that TraceQL cannot carry is left out, so that an answer may have more than was asked
 * for, and never less.
 */
import { MAX_TEXT_BYTES } from '../mapping/attributes.js'
import { DOCTOR_SERVICE } from '../mapping/resource.js'
import type { TraceSearch } from './backend.js'

/** The conditions of a search that are not about time. */
export type TempoConditions = Pick<TraceSearch, 'exports' | 'statuses'> & {
  /** Whose runs are searched for. Any, but made-up ones only where it is theirs. */
  readonly serviceName: string
}

/** A request line of 8 kB is the most that common proxies let through. */
const MOST_BYTES_OF_A_CONDITION = 2500

/**
 * The query for the roots of first pages.
 *
 * Every revision of every run comes as a set of its own (`by`), because no two of them have one
 * digest: of the matches of one trace in several blocks Tempo gives only one set otherwise, and of
 * each set only one span is asked for.
 *
 * @param digits what the digest of the journal begins with; it is as good as random, so it cuts an
 *   answer that is too long into parts of one size.
 * @example
 * tempoQuery({ exports: ['orders'], serviceName: 'rivet' }, '')
 * // '{ span.rivet.trace.page = 0 && … && span.rivet.export.name = "orders" } | by(span.rivet.journal.digest)'
 */
export function tempoQuery(
  { exports, statuses, serviceName }: TempoConditions,
  digits: string,
): string {
  const conditions = [
    'span.rivet.trace.page = 0',
    ...(serviceName === DOCTOR_SERVICE ? [] : [`resource.service.name != "${DOCTOR_SERVICE}"`]),
    ...oneOf('span.rivet.export.name', exports),
    ...oneOf('span.rivet.run.status', statuses),
    ...(digits === '' ? [] : [`span.rivet.journal.digest =~ "^${digits}.*"`]),
  ]
  return `{ ${conditions.join(' && ')} } | by(span.rivet.journal.digest)`
}

function oneOf(attribute: string, values: readonly string[] | undefined): string[] {
  if (values === undefined || values.length === 0) return []
  if (values.some((value) => Buffer.byteLength(value) > MAX_TEXT_BYTES)) return []
  const alternatives = values.map((value) => `${attribute} = ${quoted(value)}`)
  const condition = alternatives.join(' || ')
  if (encodeURIComponent(condition).length > MOST_BYTES_OF_A_CONDITION) return []
  return [alternatives.length === 1 ? condition : `(${condition})`]
}

/** TraceQL quotes a text as Go does, which knows every escape that JSON has. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed())
}
