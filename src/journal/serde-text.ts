/**
 * Journals in the very spelling of rivet's serde, read without a JSON parser where that is quicker.
 *
 * Three kinds make up nearly all of a large journal, and serde spells each in one way: an entry of them
 * is one match of a regular expression. Any other entry is cut out and read the general way, and so is
 * the whole journal where it is spelled in any other way. `codec.ts` is the general way and the
 * definition; what both read is the same.
 *
 * That is so because a list of JSON values with commas between is a JSON list, however it was taken
 * apart: each piece is read as one whole value, or nothing is.
 */
import { InstantsRead, rememberInstants } from './entry-instants.js'
import { type JournalEntry, RunJournal } from './run-journal.js'
import { PLAIN_TIMESTAMP } from './timestamp.js'

/** A text without anything escaped, which JSON does not let hold a control character. */
const TEXT = String.raw`"[ !#-[\]-\uffff]*"`
/** Integers that a double holds. */
const INTEGER = String.raw`(?:0|-?[1-9]\d{0,14})`
const UNSIGNED = String.raw`(?:0|[1-9]\d{0,14})`

const HEAD = new RegExp(`{"run_id":(${TEXT}),"export_name":(${TEXT}),"entries":\\[`, 'y')

const CHUNK_STARTED = `ChunkStarted":{"chunk_index":${INTEGER},"start_key":${TEXT},"end_key":${TEXT}`
const CHUNK_COMPLETED = `ChunkCompleted":{"chunk_index":${INTEGER},"rows":${INTEGER},"file_name":(?:null|${TEXT})`
const FILE_WRITTEN = `FileWritten":{"file_name":${TEXT},"rows":${INTEGER},"bytes":${UNSIGNED},"part_index":${UNSIGNED}`

/** It takes nothing out: to cut the values out of a text that is known to be right costs half as much. */
const ENTRY = new RegExp(
  `{"recorded_at":"${PLAIN_TIMESTAMP}","event":{"(?:${CHUNK_STARTED}|${CHUNK_COMPLETED}|${FILE_WRITTEN})}}}`,
  'y',
)

/**
 * Where an entry may be over: a quoted text cannot hold it, since its quotes would be escaped. It begins with
 * the entry's own brace, which is rarer in a long statement of SQL than a comma, and so is found sooner.
 */
const NEXT_ENTRY = '},{"recorded_at":"'

/** What follows the entries, at the end of the text. */
const TAIL = /\]\}[ \t\r\n]*$/y

/** How far behind the beginning of an entry its time begins. */
const TIME_AT = '{"recorded_at":"'.length

const COMMA = 0x2c
const QUOTE = 0x22
const MINUS = 0x2d
const ZERO = 0x30

/** The three kinds differ in their sixth letter. */
const SIXTH = 5
const S_OF_STARTED = 0x53
const C_OF_COMPLETED = 0x43

/** A journal of other kinds is sooner read as a whole; so many are let pass before that is known. */
const FEW_OTHERS = 16

/**
 * Reads a journal that is spelled as rivet spells it; `undefined` for any other text, which need not be
 * JSON.
 *
 * Texts of the entries are parts of the whole text, which stays in memory as long as one of them.
 *
 * @param otherEntry reads an entry of another kind from its own text, or throws
 * @example
 * readSerdeText('{"run_id":"orders_1","export_name":"orders","entries":[…]}', otherEntry)
 */
export function readSerdeText(
  text: string,
  otherEntry: (text: string) => JournalEntry,
): RunJournal | undefined {
  HEAD.lastIndex = 0
  const head = HEAD.exec(text)
  if (head === null || !text.isWellFormed()) return undefined
  const entries: JournalEntry[] = []
  const instants = new InstantsRead()
  const values = new Values(text)
  let others = 0
  let at = HEAD.lastIndex - 1
  do {
    ENTRY.lastIndex = ++at
    if (ENTRY.test(text)) {
      const entry = values.entryAt(at)
      entries.push(entry)
      instants.addPlain(entry.recorded_at, text, at + TIME_AT)
      at = ENTRY.lastIndex
    } else {
      if (++others > FEW_OTHERS + entries.length / 2) return undefined
      const start = at
      at = endOfEntry(text, start)
      const entry = otherEntry(text.slice(start, at))
      entries.push(entry)
      instants.add(entry.recorded_at)
    }
  } while (text.charCodeAt(at) === COMMA)
  TAIL.lastIndex = at
  if (!TAIL.test(text)) return undefined
  const journal = new RunJournal(copied(head[1]), copied(head[2]), entries)
  rememberInstants(journal.entries, instants)
  return journal
}

/** The values of entries that are spelled right, taken out of their text one after the other. */
class Values {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  entryAt(at: number): JournalEntry {
    this.#at = at
    const recorded_at = this.#quoted('{"recorded_at":"')
    this.#at += '","event":{"'.length
    switch (this.#text.charCodeAt(this.#at + SIXTH)) {
      case S_OF_STARTED: {
        const chunk_index = this.#integer('ChunkStarted":{"chunk_index":')
        const start_key = this.#quoted(',"start_key":"')
        const end_key = this.#quoted('","end_key":"')
        return { recorded_at, event: { ChunkStarted: { chunk_index, start_key, end_key } } }
      }
      case C_OF_COMPLETED: {
        const chunk_index = this.#integer('ChunkCompleted":{"chunk_index":')
        const rows = this.#integer(',"rows":')
        const file_name = this.#quotedOrNull(',"file_name":')
        return { recorded_at, event: { ChunkCompleted: { chunk_index, rows, file_name } } }
      }
      default: {
        const file_name = this.#quoted('FileWritten":{"file_name":"')
        const rows = this.#integer('","rows":')
        const bytes = this.#integer(',"bytes":')
        const part_index = this.#integer(',"part_index":')
        return { recorded_at, event: { FileWritten: { file_name, rows, bytes, part_index } } }
      }
    }
  }

  /** The text behind what stands before it. */
  #quoted(before: string): string {
    const start = this.#at + before.length
    this.#at = this.#text.indexOf('"', start)
    return this.#text.slice(start, this.#at)
  }

  #quotedOrNull(before: string): string | null {
    this.#at += before.length
    return this.#text.charCodeAt(this.#at) === QUOTE ? this.#quoted('"') : null
  }

  #integer(before: string): number {
    let at = this.#at + before.length
    const isNegative = this.#text.charCodeAt(at) === MINUS
    if (isNegative) at++
    let value = 0
    for (;;) {
      const digit = this.#text.charCodeAt(at) - ZERO
      if (!(digit >= 0 && digit <= 9)) break
      value = 10 * value + digit
      at++
    }
    this.#at = at
    return isNegative ? -value : value
  }
}

function endOfEntry(text: string, start: number): number {
  const next = text.indexOf(NEXT_ENTRY, start)
  return next === -1 ? text.lastIndexOf(']') : next + 1
}

/** The names of a run are kept when its journal is long gone: they must not hold its text. */
function copied(quoted = '""'): string {
  return JSON.parse(quoted) as string
}
