/**
 * The trace of a run that was killed, where somebody asks for its journal: there is none, and this
 * says so. It gives nothing of the run but where its trace is.
 */
import type { TraceBackend } from '../backends/backend.js'
import { takeText } from '../mapping/attributes.js'
import { interruptedIdsOf } from '../mapping/ids.js'
import { RivetOtelError } from '../problem.js'
import type { Attributes, ReceivedSpan } from '../trace/trace.js'
import type { RunName } from './run-name.js'

/** A run that was killed, and where what is known of it stands. */
export interface InterruptedTrace extends RunName {
  /** `''` where it cannot be read. */
  readonly exportName: string
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
}

/**
 * Looks for the trace of a run that was killed; `undefined` where the server has none.
 *
 * @throws {RivetOtelError} `UNREACHABLE` where the server gives no usable answer.
 * @example
 * await findInterrupted(openTempo(settings), { namespace: '', runId: 'orders_1' })
 */
export async function findInterrupted(
  backend: TraceBackend,
  name: RunName,
): Promise<InterruptedTrace | undefined> {
  const { spans } = await backend.trace(interruptedIdsOf(name).traceId)
  return spans.map(readInterrupted).find((run) => run?.runId === name.runId)
}

/**
 * Reads the root span of such a trace; `undefined` for any other span.
 *
 * @example
 * readInterrupted(received)?.runId // 'chunk_slow_20261121T085441.512_13211'
 */
export function readInterrupted({ span }: ReceivedSpan): InterruptedTrace | undefined {
  const { attributes, traceId, spanId } = span
  const runId = textOf(attributes, 'rivet.run.id')
  if (runId === undefined || 'rivet.run.revision' in attributes) return undefined
  const namespace = textOf(attributes, 'rivet.run.namespace') ?? ''
  const ids = interruptedIdsOf({ namespace, runId })
  if (traceId !== ids.traceId || spanId !== ids.root) return undefined
  const exportName = textOf(attributes, 'rivet.export.name') ?? ''
  return { namespace, runId, exportName, traceId }
}

/**
 * What is said to somebody who asks for its journal.
 *
 * @example
 * interruptedWords(run) // 'run orders_1 was interrupted and left no journal; …'
 */
export function interruptedWords({ runId, traceId }: InterruptedTrace): string {
  return `run ${runId} was interrupted and left no journal; what is known of it stands in trace ${traceId}`
}

function textOf(attributes: Attributes, name: string): string | undefined {
  try {
    return takeText(attributes, name)
  } catch (error) {
    if (error instanceof RivetOtelError) return undefined
    throw error
  }
}
