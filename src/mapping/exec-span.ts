/** The span of the wrapper: the command that was run, and links to the runs that it left. */
import { type Span, type SpanContext, SpanKind, type SpanStatus } from '../trace/trace.js'
import { type AttributesInTheMaking, putText } from './attributes.js'
import { ERROR_TYPE, ERROR_TYPE_OTHER } from './conventions.js'
import { extraPage } from './extra-page.js'
import type { MappingOptions } from './journal-to-trace.js'
import type { TracePage } from './page.js'
import { errorStatus } from './run-facts.js'
import { fittingLinks, linkToRun } from './run-links.js'
import { spanTimes } from './run-period.js'
import { nearestInside } from './times.js'

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
 * The page of the wrapper's span. A command that ended with a signal, or with another exit code than 0,
 * has failed; one of which neither is known is not said to have.
 *
 * @example
 * execToTrace(command, runs).trace.spans[0]?.links.length // runs.length
 */
export function execToTrace(
  command: ExecutedCommand,
  runs: readonly RunLeft[],
  { namespace = '', resource }: Pick<MappingOptions, 'namespace' | 'resource'> = {},
): TracePage {
  const { context, parentSpanId, program } = command
  const links = fittingLinks(runs, (run) => linkToRun(run.runId, run))
  const error = errorOf(command)
  const attributes = attributesOf(command, namespace)
  attributes['rivet.exec.runs'] = runs.length
  if (runs.length > links.length) attributes['rivet.trace.left_out'] = runs.length - links.length
  if (error !== undefined) attributes[ERROR_TYPE] = ERROR_TYPE_OTHER
  const span: Span = {
    traceId: context.traceId,
    spanId: context.spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name: `exec ${program}`,
    kind: SpanKind.INTERNAL,
    ...spanTimes(nearestInside(command.startUnixNano), nearestInside(command.endUnixNano)),
    attributes,
    events: [],
    links,
    ...(error === undefined ? {} : { status: error }),
  }
  const topic = { subject: 'exec' as const, runId: context.spanId, exportName: program, namespace }
  return extraPage(topic, [span], resource)
}

function attributesOf(
  { program, exitCode, signal }: ExecutedCommand,
  namespace: string,
): AttributesInTheMaking {
  const attributes: AttributesInTheMaking = {}
  if (namespace !== '') putText(attributes, 'rivet.run.namespace', namespace)
  putText(attributes, 'rivet.exec.program', program)
  if (exitCode !== undefined) attributes['rivet.exec.exit_code'] = exitCode
  if (signal !== undefined) putText(attributes, 'rivet.exec.signal', signal)
  return attributes
}

function errorOf({ exitCode, signal }: ExecutedCommand): SpanStatus | undefined {
  if (signal !== undefined) return errorStatus(`the command was ended by ${signal}`)
  if (exitCode === undefined || exitCode === 0) return undefined
  return errorStatus(`the command ended with exit code ${exitCode}`)
}
