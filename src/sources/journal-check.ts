/**
 * Whether a file or stream can hold journals at all: a first look, so that a wrong file is one clear
 * error and not one complaint a line.
 */
import { type JsonValue, parseJson } from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import { isTraceDocument } from '../trace/trace-document.js'
import type { JournalBytes } from './journal-bytes.js'
import { journalTexts } from './journal-texts.js'
import { beginsWithPlainJournal } from './plain-journal.js'

const TO_UTF_8 = 'convert it: iconv -f UTF-16 -t UTF-8 FILE'

/** How files begin that hold something else, and what to do with them. */
const FOREIGN = [
  {
    magic: 'SQLite format 3\0',
    what: 'a SQLite database',
    hint: 'name the file itself; a database cannot be read from a stream',
  },
  { magic: '\x1f\x8b', what: 'compressed (gzip)', hint: 'unpack it: gunzip -c FILE' },
  { magic: '\xff\xfe', what: 'UTF-16 text', hint: TO_UTF_8 },
  { magic: '\xfe\xff', what: 'UTF-16 text', hint: TO_UTF_8 },
] as const

const LAYOUTS = 'JSON lines, one journal, or a list of journals'

/**
 * Refuses what holds no journals: nothing, traces, or no text. What is merely broken passes; its
 * parts come as unreadable.
 *
 * @throws {RivetOtelError} `INVALID_SOURCE`, saying what it is.
 * @example
 * await refuseWithoutJournals(await fileBytes('journals.jsonl'))
 */
export async function refuseWithoutJournals(bytes: JournalBytes): Promise<void> {
  const start = await firstBytes(bytes)
  if (start === undefined) {
    throw new RivetOtelError('INVALID_SOURCE', `${bytes.location} is empty; expected ${LAYOUTS}`)
  }
  const foreign = FOREIGN.find(({ magic }) => start.startsWith(magic))
  if (foreign !== undefined) {
    throw new RivetOtelError(
      'INVALID_SOURCE',
      `${bytes.location} is ${foreign.what}; expected ${LAYOUTS}`,
      { hint: foreign.hint },
    )
  }
  if (start.includes('\0')) {
    throw new RivetOtelError('INVALID_SOURCE', `${bytes.location} is no text; expected ${LAYOUTS}`)
  }
  if (!(await beginsWithPlainJournal(bytes.read())) && (await beginsWithTraces(bytes))) {
    throw new RivetOtelError(
      'INVALID_SOURCE',
      `${bytes.location} holds traces; expected ${LAYOUTS}`,
      { hint: 'rivet-otel import reads traces' },
    )
  }
}

/** The first chunk with anything but white space in it, one character a byte. */
async function firstBytes(bytes: JournalBytes): Promise<string | undefined> {
  for await (const chunk of bytes.read()) {
    const text = Buffer.from(chunk).toString('latin1')
    if (text.trim() !== '') return text
  }
  return undefined
}

async function beginsWithTraces(bytes: JournalBytes): Promise<boolean> {
  for await (const piece of journalTexts(bytes.read())) {
    const value = 'text' in piece ? parseIfJson(piece.text) : undefined
    return value !== undefined && isTraceDocument(value)
  }
  return false
}

function parseIfJson(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
