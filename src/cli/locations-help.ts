/** What the help says about the places that commands read and write: of each command, and as a topic. */
import { wrapHelp } from './wrap-help.js'

const HELP_COLUMNS = 80
const LABEL = 'Locations to read:  '

/** A place, by how it is named. */
interface Place {
  readonly name: string
  /** How the help of a command names it, where that is another way. */
  readonly short?: string
  readonly about: string
  readonly isRead: boolean
}

/** Every place that there is. */
export const PLACES: readonly Place[] = [
  {
    name: './.rivet_state.db',
    about: 'The state database of rivet, SQLite. Read; never written.',
    isRead: true,
  },
  {
    name: 'postgres://user@host/db',
    short: 'postgres://…',
    about:
      'A state database in PostgreSQL, as libpq reads such a URL and the variables PG…. Read, in transactions that cannot write.',
    isRead: true,
  },
  {
    name: 'journals.jsonl',
    about: 'Journals, one a line. Read; written by import.',
    isRead: true,
  },
  {
    name: 'journals.json',
    about: 'The same as one list.',
    isRead: true,
  },
  {
    name: 'traces.otlp.jsonl',
    about:
      'OTLP JSON, lines or one document, also what Jaeger or Tempo answered. Read; an export adds what is missing, a line for each trace.',
    isRead: true,
  },
  {
    name: '-',
    short: '- (standard input)',
    about: 'Standard input: journals or traces, whichever comes.',
    isRead: true,
  },
  {
    name: 'jaeger+http://host:16686',
    short: 'jaeger+http(s)://host:16686',
    about: 'A Jaeger, also jaeger+https://…. Read: by run_id, or by a search of the last week.',
    isRead: true,
  },
  {
    name: 'tempo+http://host:3200',
    short: 'tempo+http(s)://host:3200',
    about: 'A Tempo, also tempo+https://…. Read, likewise.',
    isRead: true,
  },
  {
    name: 'http://host:4318',
    about:
      'An OTLP endpoint, also https://…; /v1/traces is added unless it is there. Written; it cannot be asked what it has, so a ledger remembers it.',
    isRead: false,
  },
]

/** Where a command reads that is told nothing. */
export const DEFAULT_PLACE =
  'the state database of rivet, as rivet finds it: RIVET_STATE_URL where it is set, else .rivet_state.db beside -c rivet.yaml, else ./.rivet_state.db'

/**
 * {@link DEFAULT_PLACE} in the help of a command.
 *
 * @example
 * defaultLocation() // '\nDefault:            the state database of rivet, …'
 */
export function defaultLocation(): string {
  return `\n${labelled('Default:', DEFAULT_PLACE)}`
}

/**
 * Everything that can be read, and the {@link defaultLocation}, in the help of a command.
 *
 * @example
 * command.addHelpText('after', locations)
 */
export function locations(): string {
  const read = PLACES.filter(({ isRead }) => isRead).map(({ name, short }) => short ?? name)
  return `\n${labelled(LABEL.trimEnd(), read.join(', '))}${defaultLocation()}`
}

function labelled(label: string, text: string): string {
  const indent = ' '.repeat(LABEL.length)
  const lines = wrapHelp(text, HELP_COLUMNS - LABEL.length)
  return `${label.padEnd(LABEL.length)}${lines.join(`\n${indent}`)}`
}
