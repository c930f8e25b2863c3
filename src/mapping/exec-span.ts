/** The span of the wrapper: the command that was run, and links to the runs that it left. */
import type { SpanContext } from '../trace/trace.js'
import type { MappingOptions } from './journal-to-trace.js'
import type { TracePage } from './page.js'

/** A command that was run. */
export interface ExecutedCommand {
  /** The span's own ids. */
  readonly context: SpanContext
  /** The span of what surrounds it; absent where nothing does. */
  readonly parentSpanId?: string
  /** The name of the program, without its folder and its arguments: those may hold secrets. */
  readonly program: string
  /** Nanoseconds since 1970. */
  readonly startUnixNano: bigint
  /** Nanoseconds since 1970. */
  readonly endUnixNano: bigint
  /** How it ended; a command that could not be started has the exit code that shells give it, 126 or 127. */
  readonly exitCode?: number
  /** `SIGKILL` … where a signal ended it. */
  readonly signal?: string
}

/** A run that a command left: where its root span is. */
export interface RunLeft extends SpanContext {
  readonly runId: string
  readonly exportName: string
}

/**
 * The page of the wrapper's span.
 *
 * @example
 * execToTrace(command, runs).trace.spans[0]?.links.length // runs.length
 */
export function execToTrace(
  command: ExecutedCommand,
  _runs: readonly RunLeft[],
  _options: Pick<MappingOptions, 'namespace' | 'resource'> = {},
): TracePage {
  throw new RangeError(`${command.program} has no span yet`)
}
