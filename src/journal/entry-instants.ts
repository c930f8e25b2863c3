/**
 * When the entries of a journal were recorded, as numbers: read once, however often it is asked for.
 *
 * A run's end, its longest chunk, its digest and its place in a trace are all told by the times of all
 * entries, and to read such a text costs more than to work with what it says. `timestamp.ts` says what
 * is plain and what it means; a text that is not plain is left to whoever asks.
 *
 * Whoever changes a list of entries, or one of them, gets what they say now: what was read before
 * counts only where the very text is the same.
 */
import type { JournalEntry } from './run-journal.js'
import { isPlain, plainNanos, plainSeconds } from './timestamp.js'

/** The instants of entries, by their index. */
export interface EntryInstants {
  /** Whole seconds since 1970; {@link NOT_PLAIN} where the text is not plain. */
  readonly seconds: Float64Array
  /** The nanoseconds beside them, 0 to 999,999,999. */
  readonly nanos: Int32Array
}

/** No second of a plain timestamp, which is of the years 0 to 9999. */
export const NOT_PLAIN = 2 ** 52

interface ReadInstants extends EntryInstants {
  readonly texts: string[]
}

const read = new WeakMap<readonly JournalEntry[], ReadInstants>()

/**
 * The instants of a journal's entries as they are now; good until one of them is changed.
 *
 * @example
 * instantsOf(journal.entries).seconds[0] // 1795251219
 */
export function instantsOf(entries: readonly JournalEntry[]): EntryInstants {
  const known = read.get(entries)
  if (known?.texts.length === entries.length) {
    readChanged(known, entries)
    return known
  }
  const { length } = entries
  const instants: ReadInstants = {
    seconds: new Float64Array(length),
    nanos: new Int32Array(length),
    texts: [],
  }
  for (let i = 0; i < length; i++) {
    const text = entries[i]?.recorded_at ?? ''
    instants.texts.push(text)
    readOne(instants, i, text)
  }
  read.set(entries, instants)
  return instants
}

function readChanged(instants: ReadInstants, entries: readonly JournalEntry[]): void {
  const { texts } = instants
  for (let i = 0; i < texts.length; i++) {
    const text = entries[i]?.recorded_at ?? ''
    if (texts[i] === text) continue
    texts[i] = text
    readOne(instants, i, text)
  }
}

function readOne({ seconds, nanos }: EntryInstants, index: number, text: string): void {
  if (isPlain(text)) {
    seconds[index] = plainSeconds(text)
    nanos[index] = plainNanos(text)
  } else {
    seconds[index] = NOT_PLAIN
  }
}
