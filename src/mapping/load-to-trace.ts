/** A load as a trace of its own, with a link to the trace of every run whose files it took in. */
import type { LoadRun } from '../state/load-run.js'
import { type Span, SpanKind, type SpanStatus } from '../trace/trace.js'
import { type AttributesInTheMaking, putInteger, putText } from './attributes.js'
import { ERROR_TYPE, ERROR_TYPE_OTHER } from './conventions.js'
import { extraPage } from './extra-page.js'
import { loadIdsOf } from './ids.js'
import type { MappingOptions } from './journal-to-trace.js'
import type { TracePage } from './page.js'
import { errorStatus } from './run-facts.js'
import { fittingLinks, interruptedRootOf, linkToRun, rootOf } from './run-links.js'
import { spanTimes } from './run-period.js'
import { nearestInside } from './times.js'

/**
 * Maps a load to its trace: one span of 1 ns, because only its end is known.
 *
 * @param killed those of its runs that left no journal: their traces have other ids.
 * @throws {RangeError} for a load that is still `writing`.
 * @example
 * loadToTrace(load).trace.spans[0]?.links.length // 3
 */
export function loadToTrace(
  load: LoadRun,
  { namespace = '', resource }: Pick<MappingOptions, 'namespace' | 'resource'> = {},
  killed: ReadonlySet<string> = new Set(),
): TracePage {
  const { loadId, exportName, status, sourceRunIds } = load
  if (status === 'writing') throw new RangeError(`load ${loadId} is still writing`)
  const { traceId, root: spanId } = loadIdsOf({ namespace, runId: loadId })
  const links = fittingLinks(sourceRunIds, (runId) => {
    const key = { namespace, runId }
    return linkToRun(runId, killed.has(runId) ? interruptedRootOf(key) : rootOf(key))
  })
  const end = nearestInside(load.finishedUnixNano)
  const error = errorOf(load)
  const attributes = attributesOf(load, namespace)
  const leftOut = runsOf(load) - links.length
  if (leftOut > 0) attributes['rivet.trace.left_out'] = leftOut
  if (error !== undefined) attributes[ERROR_TYPE] = ERROR_TYPE_OTHER
  const span: Span = {
    traceId,
    spanId,
    name: `load ${exportName}`,
    kind: SpanKind.INTERNAL,
    ...spanTimes(end, end),
    attributes,
    events: [],
    links,
    ...(error === undefined ? {} : { status: error }),
  }
  return extraPage({ subject: 'load', runId: loadId, exportName, namespace }, [span], resource)
}

function attributesOf(load: LoadRun, namespace: string): AttributesInTheMaking {
  const attributes: AttributesInTheMaking = {}
  putText(attributes, 'rivet.export.name', load.exportName)
  if (namespace !== '') putText(attributes, 'rivet.run.namespace', namespace)
  putText(attributes, 'rivet.load.id', load.loadId)
  putText(attributes, 'rivet.load.target_table', load.targetTable)
  putText(attributes, 'rivet.load.warehouse', load.warehouse)
  putText(attributes, 'rivet.load.mode', load.mode)
  putText(attributes, 'rivet.load.status', load.status)
  attributes['rivet.load.runs'] = runsOf(load)
  if (load.rowsLoaded !== undefined) putInteger(attributes, 'rivet.load.rows', load.rowsLoaded)
  return attributes
}

/** How many runs it took in, those that are not named among them. */
function runsOf({ sourceRunIds, unnamedRuns = 0 }: LoadRun): number {
  return sourceRunIds.length + unnamedRuns
}

/** rivet keeps no reason for a failure of a load. */
function errorOf({ status, targetTable }: LoadRun): SpanStatus | undefined {
  if (status === 'failed') return errorStatus(`the load into ${targetTable} failed`)
  if (status === 'refused') return errorStatus(`rivet refused the load into ${targetTable}`)
  return undefined
}
