/**
 * The names of runs in a place that can be asked at once: a file on this machine.
 *
 * A server, a PostgreSQL, a pipe and standard input are not asked: they may keep somebody waiting, or
 * can be read only once. Of a large file its end is looked at, where the newest runs stand. Nothing is
 * checked, so a name says no more than that it stands there.
 */
import { open, stat } from 'node:fs/promises'
import type { RunName, RunNames, RunNamesWanted } from '../sources/sqlite-run-names.js'
import { fileKind, type Location } from './location.js'

/** How much of the end of a file is read, in bytes. */
const READ_AT_MOST = 4 * 1024 * 1024

/**
 * The names of the newest runs, and of the exports; none where the place cannot be asked at once.
 *
 * @throws {RivetOtelError} where a state database cannot be read soon enough.
 * @example
 * await localRunNames(parseLocation('.rivet_state.db'), { part: '', most: 50 })
 */
export async function localRunNames(location: Location, wanted: RunNamesWanted): Promise<RunNames> {
  if (location.kind !== 'path' || !(await isRegular(location.path))) return NOTHING
  if ((await fileKind(location.path)) === 'sqlite') {
    const { sqliteRunNames } = await import('../sources/sqlite-run-names.js')
    return sqliteRunNames(location.path, wanted)
  }
  return wantedOf(namesIn(await endOf(location.path)), wanted)
}

const NOTHING: RunNames = { runs: [], exports: [] }

async function isRegular(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** Whole lines; a document that is longer than what is read has none. */
async function endOf(path: string): Promise<string> {
  await using file = await open(path)
  const { size } = await file.stat()
  const start = Math.max(0, size - READ_AT_MOST)
  const { buffer, bytesRead } = await file.read(
    Buffer.alloc(Math.min(size, READ_AT_MOST)),
    0,
    undefined,
    start,
  )
  const text = buffer.toString('utf8', 0, bytesRead)
  return start === 0 ? text : text.slice(text.indexOf('\n') + 1)
}

/** Later lines hold newer runs. */
function namesIn(text: string): RunName[] {
  const names: RunName[] = []
  const document = parsed(text)
  if (document !== undefined) collect(document, names)
  else for (const line of text.split('\n')) collect(parsed(line), names)
  return names.reverse()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Half a line, or damage: whoever reads the file says so.
    return undefined
  }
}

/** A journal has its names as members; a span has them as attributes, whatever server wrote it. */
function collect(value: unknown, names: RunName[]): void {
  if (typeof value !== 'object' || value === null) return
  const members = value as Readonly<Record<string, unknown>>
  if (Array.isArray(value)) {
    const runId = attribute(value, 'rivet.run.id')
    const exportName = attribute(value, 'rivet.export.name') ?? ''
    if (runId !== undefined) names.push({ runId, exportName })
  } else if (typeof members.run_id === 'string' && 'entries' in members) {
    const exportName = typeof members.export_name === 'string' ? members.export_name : ''
    names.push({ runId: members.run_id, exportName })
    return
  }
  for (const member of Object.values(members)) collect(member, names)
}

function attribute(list: readonly unknown[], key: string): string | undefined {
  for (const item of list) {
    const { key: name, value } = (item ?? {}) as { key?: unknown; value?: unknown }
    if (name !== key) continue
    if (typeof value === 'string') return value
    const text = (value as { stringValue?: unknown } | null)?.stringValue
    if (typeof text === 'string') return text
  }
  return undefined
}

function wantedOf(names: readonly RunName[], { part, most }: RunNamesWanted): RunNames {
  const having = names.filter(({ runId }) => runId.includes(part))
  const begun = having.filter(({ runId }) => runId.startsWith(part))
  const runs = new Map([...begun, ...having].map((run) => [run.runId, run]))
  const exports = new Set(names.map(({ exportName }) => exportName).filter((name) => name !== ''))
  return { runs: [...runs.values()].slice(0, most), exports: [...exports] }
}
