/**
 * How large the entries of a journal are as span events: exactly, and at most, which is told without
 * making the event and is enough for all but those of a span that is nearly full.
 */
import { type EventKind, kindOf } from '../journal/events.js'
import type { JournalEntry } from '../journal/run-journal.js'
import type { JsonObject } from '../json/lossless.js'
import { isShort } from './attributes.js'
import { ENTRY, entryToEvent } from './entry-event.js'
import { entryNames } from './entry-names.js'
import type { EventSizes } from './event-list.js'
import { EVENT_NAMES } from './event-names.js'
import { FIELDS } from './fields.js'
import { mostOfText, sizeOfEvent } from './size.js'
import type { TimesInTrace } from './times.js'

/** What an event of each kind takes at most beside its texts, and the names of its fields. */
const KINDS = new Map(
  Object.entries(FIELDS).map(([kind, fields]) => {
    const names = [entryNames(ENTRY).index, entryNames(ENTRY).nanos]
    const attributes = [...names, ...fields.map(({ attribute }) => attribute)].map((name) => [
      name,
      0,
    ])
    const withoutTexts = sizeOfEvent({
      name: EVENT_NAMES[kind as EventKind],
      timeUnixNano: 0n,
      attributes: Object.fromEntries(attributes),
    })
    return [kind, { withoutTexts, names: fields.map(({ name }) => name) }]
  }),
)

/**
 * The sizes of a journal's entries as span events.
 *
 * @example
 * const sizes = new EntrySizes(journal.entries, times)
 * sizes.mostOf(7) >= sizes.sizeOf(7) // true
 */
export class EntrySizes implements EventSizes {
  readonly #entries: readonly JournalEntry[]
  readonly #times: TimesInTrace

  constructor(entries: readonly JournalEntry[], times: TimesInTrace) {
    this.#entries = entries
    this.#times = times
  }

  mostOf(index: number): number {
    const entry = this.#entries[index]
    return (entry && mostOfEntry(entry)) ?? this.sizeOf(index)
  }

  sizeOf(index: number): number {
    const entry = this.#entries[index]
    return entry === undefined ? 0 : sizeOfEvent(entryToEvent(entry, index, this.#times))
  }
}

/** The most that the event of an entry takes; `undefined` where its lengths do not tell. */
function mostOfEntry({ recorded_at, event, extra }: JournalEntry): number | undefined {
  if (typeof event === 'string' || extra !== undefined || !isShort(recorded_at)) return undefined
  const kind = kindOf(event)
  const known = KINDS.get(kind)
  if (known === undefined) return undefined
  const { withoutTexts, names } = known
  const fields = (event as { readonly [kind: string]: JsonObject })[kind]
  let most = withoutTexts + mostOfText(recorded_at)
  let next = 0
  for (const name in fields) {
    while (next < names.length && names[next] !== name) next++
    if (next === names.length) return undefined
    const value = fields[name]
    if (typeof value === 'string' && isShort(value)) most += mostOfText(value)
    else if (typeof value !== 'number' && typeof value !== 'boolean' && value !== null)
      return undefined
  }
  return most
}
