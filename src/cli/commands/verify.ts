/** `rivet-otel verify`: runs are read back from where they were sent and compared with their journals. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseLocation } from '../../bridge/location.js'
import { closeTraces, openSource, openTraces } from '../../bridge/open-place.js'
import { withRunIds } from '../../bridge/run-reference.js'
import { runsOf } from '../../bridge/runs-of.js'
import { verifyRuns } from '../../bridge/verify-runs.js'
import { RivetOtelError } from '../../problem.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import { refuseUnknownNames } from '../known-names.js'
import { EMBEDDED_FILE, namespaceOf, type ReadingOptions, readingLocation } from '../places.js'
import { type RedactionOptions, redactionPolicy } from '../redaction-options.js'
import { type SelectionOptions, toSelection } from '../run-selection.js'
import { refuseServerOptions, type ServerOptions, serverAccess, waitMs } from '../server-options.js'
import type { Terminal } from '../terminal.js'
import { VerifyReport } from '../verify-report.js'

/** The options of `verify`, as they stand on the command line. */
export type VerifyCommandOptions = ReadingOptions &
  SelectionOptions &
  RedactionOptions &
  ServerOptions & {
    readonly in?: string
    readonly namespace?: string
    readonly json?: boolean
  }

/**
 * Compares the runs and says of each what came back.
 *
 * @throws {RivetOtelError} for wrong use, and where the journals or the traces cannot be read.
 * @example
 * await verify({ config: 'etl/rivet.yaml', in: 'tempo+http://localhost:3200' }, terminal)
 */
export async function verify(
  options: VerifyCommandOptions,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const asked = toSelection(options, Date.now())
  const redaction = redactionPolicy(options, terminal)
  const place = parseLocation(options.in ?? EMBEDDED_FILE)
  refuseServerOptions(options, place)
  const opening = { stdin: terminal.stdin, server: serverAccess(options, terminal) }
  if (options.in === undefined && !existsSync(resolve(terminal.cwd, EMBEDDED_FILE))) {
    throw new RivetOtelError('NOT_FOUND', `${EMBEDDED_FILE} does not exist`, {
      hint: 'Name where the runs were sent with --in: a file, jaeger+http(s)://… or tempo+http(s)://….',
    })
  }
  const source = await openSource(readingLocation(options, terminal), opening)
  try {
    const selection = await withRunIds(runsOf(source), asked)
    const traces = await openTraces(place, opening)
    try {
      const report = new VerifyReport(terminal, traces.location, options.json === true)
      const runs = verifyRuns({
        source,
        selection,
        traces,
        namespace: namespaceOf(options, terminal),
        waitMs: waitMs(options, 0),
        redaction,
      })
      for await (const run of runs) report.add(run)
      await report.print()
      await refuseUnknownNames(source, selection, report.names)
      return report.isAllWell ? ExitCode.DONE : ExitCode.NOT_ALL_WELL
    } finally {
      closeTraces(traces)
    }
  } finally {
    await source.close()
  }
}
