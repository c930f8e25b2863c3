/** Journals that came back, in a file: all of them, or nothing. */
import { replaceFile } from './replace-file.js'

/**
 * Writes journals in place of what a file holds. A name that ends in `.json` gets a list, any other
 * one journal a line.
 *
 * @param journals as rivet writes them, one line each
 * @throws {RivetOtelError} `UNWRITABLE`; then the file is as it was.
 * @example
 * await writeJournals('journals.jsonl', journals.map(stringifyJournal))
 */
export async function writeJournals(path: string, journals: readonly string[]): Promise<void> {
  const text = path.endsWith('.json') ? listOf(journals) : journals.map((line) => `${line}\n`)
  await replaceFile(path, text)
}

/** In pieces: together they may be longer than a text can be. */
function listOf(journals: readonly string[]): string[] {
  const last = journals.length - 1
  return ['[\n', ...journals.map((line, i) => (i === last ? `${line}\n` : `${line},\n`)), ']\n']
}
