/** Journals that came back, in a file: all of them, or nothing. */
import { existsSync } from 'node:fs'
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { RivetOtelError, reasonOf } from '../problem.js'

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
  try {
    const target = existsSync(path) ? await realpath(path) : path
    if (existsSync(target) && !(await stat(target)).isFile()) await writeFile(target, text)
    else await replaceFile(target, text)
  } catch (error) {
    throw new RivetOtelError('UNWRITABLE', `${path} cannot be written: ${reasonOf(error)}`, {
      cause: error,
    })
  }
}

/** In pieces: together they may be longer than a text can be. */
function listOf(journals: readonly string[]): string[] {
  const last = journals.length - 1
  return ['[\n', ...journals.map((line, i) => (i === last ? `${line}\n` : `${line},\n`)), ']\n']
}

async function replaceFile(path: string, text: readonly string[]): Promise<void> {
  const half = `${path}.${process.pid}.tmp`
  try {
    const mode = existsSync(path) ? (await stat(path)).mode : undefined
    await writeFile(half, text, { flag: 'wx', ...(mode === undefined ? {} : { mode }) })
    await rename(half, path)
  } catch (error) {
    await rm(half, { force: true })
    throw error
  }
}
