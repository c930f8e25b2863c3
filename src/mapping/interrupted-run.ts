/**
 * A run that was killed as a trace: what `run_status`, `chunk_task` and `file_log` still say of it. It
 * is no journal, and never becomes one on import.
 *
 * The ids of its root follow from its run_id alone, so that other spans can link to it. What is known of
 * the run may change when another one goes on with it. So the root says only what cannot, and the ids of
 * the other spans follow from what they say: no span id ever gets a second version.
 */
import type { ChunkTask, UnjournaledRun } from '../state/unjournaled-run.js'
import { type Span, type SpanEvent, SpanKind } from '../trace/trace.js'
import type { AttributesInTheMaking } from './attributes.js'
import { type ChunkFiles, chunkFiles } from './chunk-files.js'
import { CHUNK_SPAN_NAME } from './chunk-span.js'
import { chunkTaskToSpan } from './chunk-task-span.js'
import { ERROR_TYPE, ERROR_TYPE_OTHER } from './conventions.js'
import { aboutRun, extraPage } from './extra-page.js'
import { fileEvents } from './file-events.js'
import { contentIdOf, interruptedIdsOf } from './ids.js'
import { interruptionSpan, whatIsCertain } from './interruption-span.js'
import type { MappingOptions } from './journal-to-trace.js'
import type { TracePage } from './page.js'
import { errorStatus } from './run-facts.js'
import { spanTimes } from './run-period.js'
import { MAX_PAGE_BYTES, sizeOfSpan } from './size.js'
import { firstInside, nearestInside } from './times.js'

/** The name of the spans that carry the files for which the span before them has no room. */
export const FILES_SPAN_NAME = 'files'

/** A span that has no ids yet. */
type Child = Omit<Span, 'traceId' | 'spanId' | 'parentSpanId'>

/**
 * Maps a run that was killed to its trace: a root, and as its children a span with what is known of the
 * run, one for each chunk that had begun, and those for the files for which there is no room before. It
 * is one page of at most 2,000,000 bytes; what finds no room is left out, completed chunks first and then
 * files, and the span with what is known counts it.
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
  const { traceId, root: spanId } = interruptedIdsOf(about)
  const files = chunkFiles(begunTasks(run), run.files)
  const [firstEvents = [], ...furtherEvents] = fileEvents(files.others, startOf(run))
  const root = { traceId, spanId, ...rootSpan(run, aboutRun(about)) }
  const known = interruptionSpan(run, {
    namespace,
    attributes: aboutRun(about),
    startUnixNano: startOf(run),
    fileCount: files.count,
    events: firstEvents,
  })
  const { children, leftOut } = childrenWithin(
    MAX_PAGE_BYTES - sizeOfSpan(root) - sizeOfChild(withLeftOut(known, 1)),
    run,
    files,
    furtherEvents,
    () => aboutRun(about),
  )
  const spans = [leftOut > 0 ? withLeftOut(known, leftOut) : known, ...children].map((child) => {
    const content = { traceId, parentSpanId: spanId, ...child }
    return { ...content, spanId: contentIdOf(content) }
  })
  return extraPage({ subject: 'interrupted', ...about }, [root, ...spans], resource)
}

/** It begins when the run began, and does not say when it ended, which nobody knows. */
function rootSpan(run: UnjournaledRun, attributes: AttributesInTheMaking): Child {
  const start = nearestInside(run.startedUnixNano)
  attributes['rivet.run.status'] = 'interrupted'
  attributes[ERROR_TYPE] = ERROR_TYPE_OTHER
  return {
    name: `export ${run.exportName}`,
    kind: SpanKind.INTERNAL,
    ...spanTimes(start, start),
    attributes,
    events: [],
    links: [],
    status: errorStatus(whatIsCertain(run)),
  }
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

/** Ids are of one size. */
function sizeOfChild(child: Child): number {
  return sizeOfSpan({ traceId: '', spanId: '', ...child })
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
      const bytes = sizeOfChild(span)
      if (bytes > this.#bytes) break
      this.#bytes -= bytes
      taken.set(item, span)
    }
    return taken
  }
}
