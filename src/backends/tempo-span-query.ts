/**
 * TraceQL for spans of any program: by whom they talk to, and by how long they took.
 *
 * TraceQL says nothing of when a span was: the window of a search does, and who reads the answer.
 */
import { DOCTOR_SERVICE } from '../mapping/resource.js'
import { SERVER_ATTRIBUTES } from '../mapping/server-attributes.js'
import type { Band } from './span-bands.js'
import { MOST_QUERY_BYTES, quoted } from './traceql.js'

/** What must hold of a span; every condition that is given. */
export interface SpanConditions {
  /** Not of this service, and not of the made-up runs of a diagnosis. */
  readonly notOf?: string
  /** A run of this service as a whole: its root, or what is known of its source. */
  readonly runsOf?: string
  /** It talks to one of these. */
  readonly addresses?: readonly string[]
  readonly band?: Band
}

/** A name of a service may be of any length; a longer one is left out of the conditions. */
const LONGEST_NAME = 100

/** The names that are asked for, as many as fit; the others are compared when they come. */
const ASKED_NAMES = ['server.address', 'net.peer.name', 'peer.service', 'network.peer.address']

/**
 * The spans that hold all conditions, as TraceQL; a person can paste it.
 *
 * @example
 * spanQuery({ notOf: 'rivet', addresses: ['db1'] })
 * // '{ resource.service.name != "rivet" && … && (span.server.address = "db1" || span.net.peer.name = "db1" || …) }'
 */
export function spanQuery(conditions: SpanConditions): string {
  return queryOf(conditions, ASKED_NAMES)
}

function queryOf(conditions: SpanConditions, names: readonly string[]): string {
  const { notOf, runsOf, addresses = [], band } = conditions
  const services = notOf === undefined ? [] : [notOf, DOCTOR_SERVICE].filter(isShort)
  const all = [
    ...services.map((name) => `resource.service.name != ${quoted(name)}`),
    ...(runsOf === undefined
      ? []
      : [
          `resource.service.name = ${quoted(runsOf)}`,
          '(span.rivet.trace.page = 0 || name = "source")',
        ]),
    ...oneOf(names, addresses),
    ...(band === undefined || band.from === 0n ? [] : [`duration >= ${band.from}ns`]),
    ...(band?.to === undefined ? [] : [`duration < ${band.to}ns`]),
  ]
  return all.length === 0 ? '{ }' : `{ ${all.join(' && ')} }`
}

const DATABASE = [...SERVER_ATTRIBUTES.database, ...SERVER_ATTRIBUTES.system]

/** What a search must bring of each span, beside its ids, its times and its duration. */
const SELECTED = [
  'name',
  'status',
  'kind',
  'statusMessage',
  'resource.service.name',
  'span.rivet.run.id',
  'span.rivet.trace.page',
  ...[...ASKED_NAMES, 'server.port', 'net.peer.port', ...DATABASE].map((name) => `span.${name}`),
]

const SELECTION = `by(span:id) | select(${SELECTED.join(', ')})`

/**
 * The same for a search: every span comes as a set of its own, with what is needed of it. Of a trace's
 * matches Tempo gives 100 otherwise, and of those in several blocks only one set. `undefined` where the
 * conditions are longer than Tempo reads.
 *
 * @example
 * spanSearchQuery({ notOf: 'rivet' }) // '{ … } | by(span:id) | select(name, status, …)'
 */
export function spanSearchQuery(conditions: SpanConditions): string | undefined {
  for (let count = ASKED_NAMES.length; count > 0; count--) {
    const query = `${queryOf(conditions, ASKED_NAMES.slice(0, count))} | ${SELECTION}`
    if (Buffer.byteLength(query) <= MOST_QUERY_BYTES) return query
  }
  return undefined
}

/** Of several texts a regular expression takes less room. */
function oneOf(names: readonly string[], values: readonly string[]): string[] {
  const [first] = values
  if (first === undefined) return []
  const comparison =
    values.length === 1 ? `= ${quoted(first)}` : `=~ ${quoted(values.map(escaped).join('|'))}`
  return [`(${names.map((name) => `span.${name} ${comparison}`).join(' || ')})`]
}

function escaped(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
}

function isShort(name: string): boolean {
  return Buffer.byteLength(name) <= LONGEST_NAME
}
