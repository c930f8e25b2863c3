/**
 * What a reference means where no run is called just so: the run that it counts back to, or the one
 * whose run_id begins so. See `run-reference.ts` for the rules.
 */
import { formatTimestamp, readTimestamp } from '../journal/timestamp.js'
import { RivetOtelError } from '../problem.js'
import { LATEST } from './latest-reference.js'
import { nearNames } from './near-names.js'
import { type RunReader, runIdOfItem } from './run-reader.js'
import type { RunSelection } from './run-selection.js'
import { SEARCHED_BY_DEFAULT_MS } from './searched-by-default.js'

/** As many journals are held together at most. */
const MOST_BACK = 999
/** Each costs a server a question, and is held until all have come. */
const MOST_SEARCHED = 200
const MOST_CANDIDATES = 5
const DAY_NS = 86_400_000_000_000n
/** rivet's run_ids: the name of the export, the time of the start in UTC, the id of the process. */
const WITH_DAY = /^(.+)_(\d{4})(\d\d)(\d\d)T/s

/** When a server is searched for runs to have ended; the last week where it is absent. */
type SearchWindow = Pick<RunSelection, 'sinceUnixNano' | 'untilUnixNano'>

/**
 * What a reference means where no run is called just so.
 *
 * @param window what a server is searched for; other places are not asked for times
 * @throws {RivetOtelError} as `runIdOf`.
 * @example
 * await meantRunId(reader, '@latest~1')
 */
export async function meantRunId(
  reader: RunReader,
  reference: string,
  window: SearchWindow = {},
): Promise<string> {
  const meant = await meaningOf(reader, reference, window)
  if (typeof meant === 'string') return meant
  throw meant
}

/**
 * Like {@link meantRunId}; where no run is meant, the error that says so is the answer.
 *
 * @throws {RivetOtelError} where several runs are meant.
 * @example
 * await meaningOf(reader, 'ordres') instanceof RivetOtelError // true
 */
export function meaningOf(
  reader: RunReader,
  reference: string,
  window: SearchWindow = {},
): Promise<string | RivetOtelError> {
  const [isLatest, exportName, back] = LATEST.exec(reference) ?? []
  if (isLatest === undefined) return runThatBegins(reader, reference, window)
  return runFromTheEnd(reader, { reference, exportName, back: Number(back ?? 0) }, window)
}

async function runFromTheEnd(
  reader: RunReader,
  asked: {
    readonly reference: string
    readonly exportName: string | undefined
    readonly back: number
  },
  window: SearchWindow,
): Promise<string | RivetOtelError> {
  const { reference, back } = asked
  if (back > MOST_BACK) {
    throw new RivetOtelError('USAGE', `${reference}: expected a number up to ${MOST_BACK}`, {
      hint: LISTED,
    })
  }
  const exportName = asked.exportName || undefined
  const found = await newest(reader, back + 1, {
    ...window,
    ...(exportName === undefined ? {} : { exports: [exportName] }),
  })
  const runId = found.runIds.at(-1 - back)
  if (runId !== undefined) return runId
  if (found.runIds.length === 0) {
    const near = exportName === undefined ? '' : didYouMean(exportName, await exportsOf(reader))
    const what = exportName === undefined ? 'no runs' : `no runs of an export ${exportName}${near}`
    return notFound(`${reference}: ${what} in ${reader.location}`, reader, found)
  }
  const count =
    found.runIds.length === 1 ? 'is only one run' : `are only ${found.runIds.length} runs`
  const whose = exportName === undefined ? '' : ` of ${exportName}`
  return notFound(`${reference}: there ${count}${whose} in ${reader.location}`, reader, found)
}

async function runThatBegins(
  reader: RunReader,
  beginning: string,
  window: SearchWindow,
): Promise<string | RivetOtelError> {
  const found: Newest = reader.listsAll
    ? { runIds: await listed(reader, beginning), notes: [] }
    : await newest(reader, MOST_SEARCHED, { ...window, ...aroundItsDay(beginning) })
  const begun = found.runIds.filter((runId) => runId.startsWith(beginning))
  const [only] = begun
  if (only !== undefined && begun.length === 1) return only
  if (begun.length > 1 && beginning !== '') throw ambiguous(beginning, begun, reader)
  const near = didYouMean(beginning, reader.listsAll ? await listed(reader) : found.runIds)
  return notFound(`no run ${beginning}${near} in ${reader.location}`, reader, found)
}

/** The newest runs of a place, oldest first. */
interface Newest {
  readonly runIds: readonly string[]
  /** What was looked at, of a place that cannot list all, one sentence each. */
  readonly notes: readonly string[]
}

async function newest(reader: RunReader, most: number, wanted: RunSelection): Promise<Newest> {
  const week = BigInt(Date.now() - SEARCHED_BY_DEFAULT_MS) * 1_000_000n
  const { exports, sinceUnixNano = week, untilUnixNano } = wanted
  const inTime = {
    sinceUnixNano,
    ...(untilUnixNano === undefined ? {} : { untilUnixNano }),
  }
  const selection = {
    ...(exports === undefined ? {} : { exports }),
    ...(reader.listsAll ? {} : inTime),
    last: most,
  }
  const runIds = new Set<string>()
  const unseen = new Set<string>()
  for await (const item of reader.read(selection)) {
    if (item.kind === 'unseen') unseen.add(item.problem)
    const runId = runIdOfItem(item)
    if (runId === undefined) continue
    // A run that is there several times stands where it is last.
    runIds.delete(runId)
    runIds.add(runId)
  }
  const looked = lookedAt(runIds.size, most, inTime)
  return { runIds: [...runIds], notes: reader.listsAll ? [] : [looked, ...unseen] }
}

function lookedAt(
  count: number,
  most: number,
  { sinceUnixNano = 0n, untilUnixNano }: SearchWindow,
): string {
  const which = count < most ? 'the runs' : `the newest ${most} runs`
  const until = untilUnixNano === undefined ? '' : ` and before ${dayOf(untilUnixNano)}`
  return `what was looked at are ${which} that ended since ${dayOf(sinceUnixNano)}${until}`
}

function dayOf(unixNano: bigint): string {
  return formatTimestamp(unixNano).slice(0, 10)
}

async function listed(reader: RunReader, beginning?: string): Promise<string[]> {
  const runIds = new Set<string>()
  for await (const { runId } of reader.list(beginning)) runIds.add(runId)
  return [...runIds]
}

async function exportsOf(reader: RunReader): Promise<Set<string>> {
  const names = new Set<string>()
  for await (const { exportName } of reader.list()) names.add(exportName)
  return names
}

/** A run of that day ended then or later; who looks for one that took weeks must know its run_id. */
function aroundItsDay(beginning: string): RunSelection {
  const [, exportName, year, month, day] = WITH_DAY.exec(beginning) ?? []
  const start = readTimestamp(`${year}-${month}-${day}T00:00:00Z`)?.unixNano
  if (exportName === undefined || start === undefined) return {}
  return {
    exports: [exportName],
    sinceUnixNano: start - DAY_NS,
    untilUnixNano: start + 8n * DAY_NS,
  }
}

function ambiguous(
  beginning: string,
  runIds: readonly string[],
  { location }: RunReader,
): RivetOtelError {
  const newest = runIds.slice(-MOST_CANDIDATES)
  const others = runIds.length - newest.length
  const more = others > 0 ? ` and ${others} more` : ''
  return new RivetOtelError(
    'USAGE',
    `${beginning} is the beginning of ${runIds.length} run_ids in ${location}: ${newest.join(', ')}${more}`,
    { hint: 'Give more of the run_id, or name the newest run of an export: orders@latest.' },
  )
}

function notFound(problem: string, { listsAll }: RunReader, { notes }: Newest): RivetOtelError {
  return new RivetOtelError('USAGE', [problem, ...notes].join('; '), {
    hint: listsAll ? LISTED : IN_A_SERVER,
  })
}

const LISTED = 'rivet-otel runs --all lists what is there.'
const IN_A_SERVER =
  'A run_id in full is found whatever its age; a run that was sent with a namespace, with --namespace; one that was just sent, with --wait 30s.'

function didYouMean(name: string, known: Iterable<string>): string {
  const near = nearNames(name, known)
  return near.length > 0 ? ` (did you mean ${near.join(' or ')}?)` : ''
}
