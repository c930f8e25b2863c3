/**
 * What a server knows around a run: the traces that it belongs to, and which source it read.
 *
 * Both stand on spans beside the run's own, at its computed trace id: `wrapper` links to what started
 * it, `signpost` says where its spans are when they are in another trace, `source` says what it read.
 */
import type { TraceBackend } from '../../backends/backend.js'
import { traceIdOf } from '../../mapping/ids.js'
import { serverFacts } from '../../mapping/server-attributes.js'
import { readSignpost } from '../../mapping/signpost.js'
import type { SourceAddress } from '../../state/source-address.js'
import type { ReceivedSpan } from '../../trace/trace.js'
import type { RunName } from '../run-name.js'

/** What is known around a run. */
export interface Surroundings {
  /** Absent where no span says it. */
  readonly source?: SourceAddress
  /** The traces that the run belongs to beside its own, no more than three. */
  readonly surrounding: ReadonlySet<string>
  /** Every span of the run's own trace and of those. */
  readonly spans: readonly ReceivedSpan[]
  /** What could not be read, one sentence each. */
  readonly problems: readonly string[]
  /** How many traces were asked for. */
  readonly questions: number
}

const MOST_TRACES = 3
const TRACE_ID = /^(?!0+$)[0-9a-f]{32}$/

/**
 * Reads the run's own trace and those that surround it.
 *
 * @param traceIds where the run was found, if it came from the server
 * @throws {RivetOtelError} `UNREACHABLE` where the server gives no usable answer.
 * @example
 * const { source, surrounding } = await readSurroundings(backend, { namespace: '', runId: 'orders_1' }, [])
 */
export async function readSurroundings(
  backend: Pick<TraceBackend, 'trace'>,
  run: RunName,
  traceIds: readonly string[],
): Promise<Surroundings> {
  const own = traceIdOf({ ...run, page: 0 })
  const first = await backend.trace(own)
  const beside = first.spans.filter(({ span }) => isOf(span.attributes['rivet.run.id'], run))
  const ownTraces = new Set(laterTraces(run, traceIds))
  const surrounding = [...beside.flatMap(tracesNamedBy), ...traceIds]
    .filter((id) => TRACE_ID.test(id) && id !== own && !ownTraces.has(id))
    .filter((id, i, all) => all.indexOf(id) === i)
    .slice(0, MOST_TRACES)
  const others = await Promise.all(surrounding.map((id) => backend.trace(id)))
  const spans = [first, ...others].flatMap((content) => content.spans)
  const source = spans
    .filter(({ span }) => isOf(span.attributes['rivet.run.id'], run))
    .flatMap(sourceIn)
    .at(-1)
  return {
    ...(source !== undefined && { source }),
    surrounding: new Set(surrounding),
    spans,
    problems: [first, ...others].flatMap(({ problems }) => problems),
    questions: 1 + surrounding.length,
  }
}

function isOf(runId: unknown, run: RunName): boolean {
  return runId === run.runId
}

/** A large run has traces of its own for its later pages; as many as it was found in are enough to tell. */
function* laterTraces(run: RunName, traceIds: readonly string[]): Generator<string> {
  for (let page = 0; page <= traceIds.length; page++) yield traceIdOf({ ...run, page })
}

function tracesNamedBy(received: ReceivedSpan): string[] {
  const { span } = received
  if (span.name === 'wrapper') return span.links.map(({ traceId }) => traceId)
  const signpost = readSignpost(received)
  return signpost === undefined ? [] : [signpost.traceId]
}

function sourceIn({ span }: ReceivedSpan): SourceAddress[] {
  if (span.name !== 'source') return []
  const { addresses, port, database, system } = serverFacts(span.attributes)
  const engine = system ?? span.attributes['rivet.source.type']
  if (typeof engine !== 'string') return []
  const [host] = addresses
  return [
    {
      engine,
      ...(host !== undefined && { host }),
      ...(port !== undefined && /^\d{1,5}$/.test(port) && { port: Number(port) }),
      ...(database !== undefined && { database }),
    },
  ]
}
