/** `rivet-otel id RUN_ID`: the ids of a run's trace, computed from its run_id alone. */
import { isLatestReference } from '../../bridge/latest-reference.js'
import { spanIdsOf, traceIdOf } from '../../mapping/ids.js'
import { RivetOtelError } from '../../problem.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { namespaceOf } from '../places.js'
import type { Terminal } from '../terminal.js'
import { jsonLine, printable } from '../view/printable.js'

/** The options of `id`, as they stand on the command line. */
export interface IdOptions {
  readonly namespace?: string
  readonly page?: string
  readonly revision?: string
  readonly json?: boolean
}

/**
 * Prints the ids of one page of a run; needs no access to anything.
 *
 * @throws {RivetOtelError} `USAGE` for a page or a revision that is no whole number.
 * @example
 * await id('orders_20261121T085339.134_11188', { json: true }, terminal)
 */
export async function id(
  runId: string,
  options: IdOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const namespace = namespaceOf(options, terminal)
  const page = readNumber('--page', options.page)
  const revision = readNumber('--revision', options.revision)
  if (isLatestReference(runId)) {
    terminal.say(
      `${printable(runId)} is taken for a run_id, because no place is looked at here; rivet-otel show ${printable(runId)} says which run it is`,
    )
  }
  const traceId = traceIdOf({ namespace, runId, page })
  const rootSpanId = spanIdsOf({ namespace, runId, page, revision }).root
  const json = {
    run_id: runId,
    namespace,
    page,
    revision,
    trace_id: traceId,
    root_span_id: rootSpanId,
  }
  await terminal.print(options.json ? jsonLine(json) : `trace ${traceId}\nroot  ${rootSpanId}\n`)
  return ExitCode.DONE
}

function readNumber(option: string, text: string | undefined): number {
  if (text === undefined) return 0
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new RivetOtelError('USAGE', `${option} ${text}: expected a whole number of 0 or more`)
}
