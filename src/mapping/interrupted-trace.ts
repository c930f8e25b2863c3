/**
 * The root of the trace of a run that was killed, read back. It is no journal and never becomes one:
 * it says that the run was there, and what was known of it when that was sent.
 */
import type { Integer } from '../journal/events.js'
import { RivetOtelError } from '../problem.js'
import type { ReceivedSpan } from '../trace/trace.js'
import { takeInteger, takeText } from './attributes.js'
import { interruptedIdsOf } from './ids.js'

/** What the root says. */
export interface InterruptedTrace {
  /** The namespace that it was sent with; `''` where it was sent without. */
  readonly namespace: string
  readonly runId: string
  readonly exportName: string
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  /** Nanoseconds since 1970. */
  readonly startUnixNano: bigint
  /** When the next run noticed, in nanoseconds since 1970: nobody knows when it died. */
  readonly noticedUnixNano: bigint
  /** What is known of its end, one sentence. */
  readonly message?: string
  /** The run that went on with it. */
  readonly resumedBy?: string
  readonly rows?: Integer
  readonly files?: Integer
  readonly bytes?: Integer
  /** How many chunks it had planned. */
  readonly chunks?: Integer
  /** How many of them it had not begun. */
  readonly chunksPending?: Integer
  readonly chunksFailed?: Integer
}

/**
 * Reads the root of an interrupted run's trace; `undefined` for every other span. It is known by its
 * ids, which follow from its run_id.
 *
 * @example
 * readInterruptedRoot(received)?.runId // 'chunk_slow_20261121T085434.212_13009'
 */
export function readInterruptedRoot({ span }: ReceivedSpan): InterruptedTrace | undefined {
  const { attributes, traceId, spanId } = span
  if (attributes['rivet.run.status'] !== 'interrupted') return undefined
  const text = (name: string) => readable(() => takeText(attributes, name))
  const runId = text('rivet.run.id')
  const namespace = text('rivet.run.namespace') ?? ''
  if (runId === undefined) return undefined
  const ids = interruptedIdsOf({ namespace, runId })
  if (traceId !== ids.traceId || spanId !== ids.root) return undefined
  const integer = (name: string) => readable(() => takeInteger(attributes, `rivet.run.${name}`))
  return {
    namespace,
    runId,
    exportName: text('rivet.export.name') ?? '',
    traceId,
    startUnixNano: span.startTimeUnixNano,
    noticedUnixNano: span.endTimeUnixNano,
    ...known({
      message: span.status?.message,
      resumedBy: text('rivet.run.resumed_by'),
      rows: integer('rows'),
      files: integer('files'),
      bytes: integer('bytes'),
      chunks: integer('chunks'),
      chunksPending: integer('chunks_pending'),
      chunksFailed: integer('chunks_failed'),
    }),
  }
}

type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function known<T extends object>(members: T): Known<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Known<T>
}

/** What cannot be read says nothing here. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RivetOtelError) return undefined
    throw error
  }
}
