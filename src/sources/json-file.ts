/**
 * Journals from a file or from standard input: JSON lines, one JSON journal, or a JSON list of them,
 * told apart by content.
 *
 * They come in the order of the file, which is the one exception to "oldest first": to sort them, it
 * would have to read everything before it could hand over the first. With `last` they do come oldest
 * first. A run ended at the latest `recorded_at` of its journal; one without entries counts as the
 * oldest, and comes as unreadable where a time is asked for.
 *
 * What cannot be read comes as an item of its own, unless it is known to be of a run that is not
 * wanted.
 */
import { parseJournal } from '../journal/codec.js'
import { runEnd } from '../journal/run-end.js'
import type { RunJournal } from '../journal/run-journal.js'
import { isJsonObject, type JsonValue, parseJson } from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import { fileBytes, type JournalBytes, spoolBytes } from './journal-bytes.js'
import { refuseWithoutJournals } from './journal-check.js'
import {
  journalsInBytes,
  journalTexts,
  type TextPiece,
  textOf,
  type UnreadJournal,
} from './journal-texts.js'
import { asksForTime, endedInTime, Newest, type RunPlace, wantsRun } from './selection.js'
import type {
  JournalSource,
  ReadableItem,
  RunListing,
  Selection,
  SourceItem,
  UnreadableItem,
} from './source.js'

/**
 * Opens a file with journals. A pipe is read to its end first, as by {@link openJournalStream}.
 *
 * @throws {RivetOtelError} `NOT_FOUND` where there is no such file, `INVALID_SOURCE` where it cannot
 *   be read, is empty, or holds something else than journals.
 * @example
 * const source = await openJournalFile('journals.jsonl')
 * for await (const item of source.read({ exports: ['orders'] })) console.log(item.kind, item.where)
 * await source.close()
 */
export async function openJournalFile(path: string): Promise<JournalSource> {
  return sourceOf(await fileBytes(path))
}

/**
 * Opens journals that come as a stream, standard input for example. It reads the stream to its end
 * into a temporary file, which nobody else can read and which does not outlive the process, so that
 * the journals can be read more than once.
 *
 * @param location how messages name the stream.
 * @throws {RivetOtelError} `INVALID_SOURCE` where the stream breaks off, is empty, or holds something
 *   else than journals; `UNWRITABLE` where the temporary folder cannot take it.
 * @example
 * const source = await openJournalStream(process.stdin, 'standard input')
 */
export async function openJournalStream(
  stream: AsyncIterable<Uint8Array>,
  location: string,
): Promise<JournalSource> {
  return sourceOf(await spoolBytes(stream, location))
}

async function sourceOf(bytes: JournalBytes): Promise<JournalSource> {
  try {
    await refuseWithoutJournals(bytes)
  } catch (error) {
    await bytes.close()
    throw error
  }
  return {
    location: bytes.location,
    read: (selection) => readJournals(bytes, selection),
    unread: (selection) =>
      selection.last === undefined
        ? { bytes: bytes.size, items: () => journalsInBytes(bytes.read()) }
        : undefined,
    list: () => listRuns(bytes),
    close: () => bytes.close(),
  }
}

/**
 * Reads one of the journals that a source handed over unread; `undefined` where it is not wanted.
 *
 * @example
 * readUnread({ where: 'line 1', bytes }, {})?.kind // 'journal'
 */
export function readUnread(piece: UnreadJournal, selection: Selection): SourceItem | undefined {
  const text = textOf(piece)
  return text && findRun(text, selection)?.item
}

async function* readJournals(
  bytes: JournalBytes,
  selection: Selection,
): AsyncGenerator<SourceItem> {
  if (selection.last === undefined) {
    for await (const found of findRuns(bytes, selection)) yield found.item
    return
  }
  const newest = new Newest<ReadableRun>(selection.last)
  for await (const found of findRuns(bytes, selection)) {
    if ('runId' in found) newest.add(found)
    else yield found.item
  }
  for (const { item } of newest.oldestFirst()) yield item
}

async function* listRuns(bytes: JournalBytes): AsyncGenerator<RunListing> {
  for await (const { item } of findRuns(bytes, {})) {
    if (item.kind === 'unreadable') continue
    yield { runId: item.journal.run_id, exportName: item.journal.export_name }
  }
}

type ReadableRun = RunPlace & { readonly item: ReadableItem }
type Found = ReadableRun | { readonly item: UnreadableItem }

async function* findRuns(bytes: JournalBytes, selection: Selection): AsyncGenerator<Found> {
  for await (const piece of journalTexts(bytes.read())) {
    const found = findRun(piece, selection)
    if (found !== undefined) yield found
  }
}

function findRun(piece: TextPiece, selection: Selection): Found | undefined {
  const { where } = piece
  if ('problem' in piece) return { item: { kind: 'unreadable', where, problem: piece.problem } }
  try {
    const journal = parseJournal(piece.text)
    if (!wantsRun(selection, journal.run_id, journal.export_name)) return undefined
    return foundInTime(journal, where, selection)
  } catch (error) {
    if (!(error instanceof RivetOtelError)) throw error
    const value = jsonIn(piece.text)
    const runId = memberText(value, 'run_id')
    if (!wantsRun(selection, runId, memberText(value, 'export_name'))) return undefined
    return { item: unreadable(where, runId, error.message) }
  }
}

/** Whatever a text that is no journal holds; `undefined` where it is no JSON. */
function jsonIn(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

/** The time is worked out only where it is asked for: a journal may have very many entries. */
function foundInTime(journal: RunJournal, where: string, selection: Selection): Found | undefined {
  const asked = asksForTime(selection)
  const endedUnixNano = asked || selection.last !== undefined ? runEnd(journal) : undefined
  if (asked) {
    if (endedUnixNano === undefined) {
      const problem = 'it has no entries, so it cannot be told when the run ended'
      return { item: unreadable(where, journal.run_id, problem) }
    }
    if (!endedInTime(selection, endedUnixNano)) return undefined
  }
  return { item: { kind: 'journal', journal, where }, runId: journal.run_id, endedUnixNano }
}

function memberText(value: JsonValue | undefined, name: string): string | undefined {
  const member = isJsonObject(value) ? value[name] : undefined
  return typeof member === 'string' ? member : undefined
}

function unreadable(where: string, runId: string | undefined, problem: string): UnreadableItem {
  return runId === undefined
    ? { kind: 'unreadable', where, problem }
    : { kind: 'unreadable', where, runId, problem }
}
