/**
 * A run that was killed as a trace: what `run_status`, `chunk_task` and `file_log` still say of it. It
 * is no journal, and never becomes one on import.
 *
 * Its ids follow from its run_id alone, so that other spans can link to it. What is known of it may
 * change when another run goes on with it: what was sent first stands.
 */
import { formatTimestamp } from '../journal/timestamp.js'
import type { ChunkTask, UnjournaledRun } from '../state/unjournaled-run.js'
import { type Span, type SpanEvent, SpanKind, type SpanLink } from '../trace/trace.js'
import { putText } from './attributes.js'
import { type ChunkFiles, chunkFiles } from './chunk-files.js'
import { CHUNK_SPAN_NAME } from './chunk-span.js'
import { chunkTaskToSpan } from './chunk-task-span.js'
import { ERROR_TYPE, ERROR_TYPE_OTHER } from './conventions.js'
import { aboutRun, extraPage } from './extra-page.js'
import { fileEvents } from './file-events.js'
import { interruptedIdsOf } from './ids.js'
import { putTotals } from './interrupted-totals.js'
import type { MappingOptions } from './journal-to-trace.js'
import type { TracePage } from './page.js'
import { putPrefix } from './record-attributes.js'
import { errorStatus } from './run-facts.js'
import { linkToRun, rootOf } from './run-links.js'
import { type SpanTimes, spanTimes } from './run-period.js'
import { MAX_PAGE_BYTES, sizeOfSpan } from './size.js'
import { firstInside, nearestInside } from './times.js'

/** The name of the spans that carry the files for which the root has no room. */
export const FILES_SPAN_NAME = 'files'

/** A span that has no ids yet: those follow from its place among those that are sent. */
type Child = Omit<Span, 'traceId' | 'spanId' | 'parentSpanId'>

/**
 * Maps a run that was killed to its trace: a root, a child for each chunk that had begun, and children
 * for the files for which the root has no room. It is one page of at most 2,000,000 bytes; what finds
 * no room is left out, completed chunks first and then files, and the root counts it.
 *
 * @throws {RangeError} for a run whose state is not `interrupted`.
 * @example
 * interruptedRunToTrace(run, { namespace: 'eu' }).trace.spans[0]?.status // { code: 2, message: … }
 */
export function interruptedRunToTrace(
  run: UnjournaledRun,
  { namespace = '', resource }: Pick<MappingOptions, 'namespace' | 'resource'> = {},
): TracePage {
  if (run.state !== 'interrupted') throw new RangeError(`run ${run.runId} is ${run.state}`)
  const { runId, exportName } = run
  const about = { runId, exportName, namespace }
  const { traceId, root: spanId, ofChild } = interruptedIdsOf(about)
  const files = chunkFiles(begunTasks(run), run.files)
  const [rootEvents = [], ...furtherEvents] = fileEvents(files.others, startOf(run))
  const root = { traceId, spanId, ...rootSpan(run, namespace, files.count, rootEvents) }
  const { children, leftOut } = childrenWithin(
    MAX_PAGE_BYTES - sizeOfSpan(withLeftOut(root, 1)),
    run,
    files,
    furtherEvents,
    () => aboutRun(about),
  )
  const spans = [
    leftOut > 0 ? withLeftOut(root, leftOut) : root,
    ...children.map((child, i) => ({
      traceId,
      spanId: ofChild(i),
      parentSpanId: spanId,
      ...child,
    })),
  ]
  return extraPage({ subject: 'interrupted', ...about }, spans, resource)
}

function rootSpan(
  run: UnjournaledRun,
  namespace: string,
  fileCount: number,
  events: readonly SpanEvent[],
): Child {
  const { runId, exportName, resumedBy } = run
  const attributes = aboutRun({ runId, exportName, namespace })
  attributes['rivet.run.status'] = 'interrupted'
  attributes[ERROR_TYPE] = ERROR_TYPE_OTHER
  putPrefix(attributes, run.record.status?.prefix)
  putTotals(attributes, run, fileCount)
  const links: SpanLink[] = []
  if (resumedBy !== undefined) {
    putText(attributes, 'rivet.run.resumed_by', resumedBy)
    links.push(linkToRun(resumedBy, rootOf({ namespace, runId: resumedBy })))
  }
  return {
    name: `export ${exportName}`,
    kind: SpanKind.INTERNAL,
    ...timesOf(run),
    attributes,
    events,
    links,
    status: errorStatus(whatIsKnown(run)),
  }
}

function whatIsKnown({ startedUnixNano, endedUnixNano, resumedBy }: UnjournaledRun): string {
  const began = `interrupted: the run started at ${formatTimestamp(startedUnixNano)} and left no journal`
  if (endedUnixNano === undefined) return began
  const noticed =
    resumedBy === undefined
      ? 'by a later run of its export'
      : `by run ${resumedBy}, which went on with it`
  return `${began}; that was noticed at ${formatTimestamp(endedUnixNano)} ${noticed}`
}

function timesOf(run: UnjournaledRun): SpanTimes {
  const start = startOf(run)
  return spanTimes(start, firstInside(run.endedUnixNano) ?? start)
}

function startOf({ startedUnixNano, endedUnixNano }: UnjournaledRun): bigint {
  return nearestInside(firstInside(startedUnixNano, endedUnixNano) ?? startedUnixNano)
}

function begunTasks({ chunkTasks }: UnjournaledRun): readonly ChunkTask[] {
  return chunkTasks.filter(({ status }) => status !== 'pending')
}

/**
 * The children for which there is room: the chunks in their order, then the files. Those chunks come
 * first into it that did not complete, then the files, then the other chunks.
 */
function childrenWithin(
  bytes: number,
  run: UnjournaledRun,
  { ofTask }: ChunkFiles,
  furtherEvents: readonly SpanEvent[][],
  about: () => ReturnType<typeof aboutRun>,
): { readonly children: Child[]; readonly leftOut: number } {
  const chunk = (task: ChunkTask): Child => {
    const parts = chunkTaskToSpan(task, ofTask.get(task), about(), startOf(run))
    return { name: CHUNK_SPAN_NAME, kind: SpanKind.INTERNAL, events: [], links: [], ...parts }
  }
  const room = new Room(bytes)
  const tasks = begunTasks(run)
  const isCompleted = ({ status }: ChunkTask) => status === 'completed'
  const open = room.take(
    tasks.filter((task) => !isCompleted(task)),
    chunk,
  )
  const fileSpans = room.take(furtherEvents, (events) => filesSpan(events, about()))
  const done = room.take(tasks.filter(isCompleted), chunk)
  const chunks = tasks.flatMap((task) => open.get(task) ?? done.get(task) ?? [])
  const lostFiles = furtherEvents
    .filter((events) => !fileSpans.has(events))
    .reduce((sum, { length }) => sum + length, 0)
  return {
    children: [...chunks, ...fileSpans.values()],
    leftOut: tasks.length - chunks.length + lostFiles,
  }
}

function filesSpan(events: readonly SpanEvent[], attributes: Span['attributes']): Child {
  const times = events.map(({ timeUnixNano }) => timeUnixNano)
  const start = times.reduce((a, b) => (b < a ? b : a))
  const end = times.reduce((a, b) => (b > a ? b : a))
  return {
    name: FILES_SPAN_NAME,
    kind: SpanKind.INTERNAL,
    ...spanTimes(start, end),
    attributes,
    events,
    links: [],
  }
}

function withLeftOut<S extends Pick<Span, 'attributes'>>(span: S, leftOut: number): S {
  return { ...span, attributes: { ...span.attributes, 'rivet.trace.left_out': leftOut } }
}

/** What is left of a page. */
class Room {
  #bytes: number

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** The spans of the first items, by the items; from the first that does not fit on, none. */
  take<T>(items: readonly T[], toSpan: (item: T) => Child): Map<T, Child> {
    const taken = new Map<T, Child>()
    for (const item of items) {
      const span = toSpan(item)
      const bytes = sizeOfSpan({ traceId: '', spanId: '', ...span })
      if (bytes > this.#bytes) break
      this.#bytes -= bytes
      taken.set(item, span)
    }
    return taken
  }
}
