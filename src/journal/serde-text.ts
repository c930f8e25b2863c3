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
const TEXT = String.raw`"([ !#-[\]-\uffff]*)"`
/** Integers that a double holds. */
const INTEGER = String.raw`(0|-?[1-9]\d{0,14})`
const UNSIGNED = String.raw`(0|[1-9]\d{0,14})`

const HEAD = new RegExp(`{"run_id":${TEXT},"export_name":${TEXT},"entries":\\[`, 'y')

const CHUNK_STARTED = `ChunkStarted":{"chunk_index":${INTEGER},"start_key":${TEXT},"end_key":${TEXT}`
const CHUNK_COMPLETED = `ChunkCompleted":{"chunk_index":${INTEGER},"rows":${INTEGER},"file_name":(?:null|${TEXT})`
const FILE_WRITTEN = `FileWritten":{"file_name":${TEXT},"rows":${INTEGER},"bytes":${UNSIGNED},"part_index":${UNSIGNED}`

const ENTRY = new RegExp(
  `{"recorded_at":"(${PLAIN_TIMESTAMP})","event":{"(?:${CHUNK_STARTED}|${CHUNK_COMPLETED}|${FILE_WRITTEN})}}}`,
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
  let others = 0
  let at = HEAD.lastIndex - 1
  do {
    ENTRY.lastIndex = ++at
    const match = ENTRY.exec(text)
    if (match !== null) {
      const entry = entryOf(match)
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

function entryOf(match: RegExpExecArray): JournalEntry {
  const recorded_at = match[1] as string
  if (match[2] !== undefined) {
    const chunk_index = Number(match[2])
    const start_key = match[3] as string
    const end_key = match[4] as string
    return { recorded_at, event: { ChunkStarted: { chunk_index, start_key, end_key } } }
  }
  if (match[5] !== undefined) {
    const chunk_index = Number(match[5])
    const rows = Number(match[6])
    const file_name = match[7] ?? null
    return { recorded_at, event: { ChunkCompleted: { chunk_index, rows, file_name } } }
  }
  const file_name = match[8] as string
  const rows = Number(match[9])
  const bytes = Number(match[10])
  const part_index = Number(match[11])
  return { recorded_at, event: { FileWritten: { file_name, rows, bytes, part_index } } }
}

function endOfEntry(text: string, start: number): number {
  const next = text.indexOf(NEXT_ENTRY, start)
  return next === -1 ? text.lastIndexOf(']') : next + 1
}

/** The names of a run are kept when its journal is long gone: they must not hold its text. */
function copied(text = ''): string {
  return JSON.parse(`"${text}"`) as string
}
