/** Which runs a command is about, from its options. */

import type { RunSelection } from '../bridge/run-selection.js'
import { readTimestamp } from '../journal/timestamp.js'
import { RivetOtelError } from '../problem.js'
import type { Selection } from '../sources/source.js'

/** The options that select runs, as they stand on the command line. */
export interface SelectionOptions {
  readonly runId?: readonly string[]
  readonly export?: readonly string[]
  readonly last?: string
  readonly since?: string
  readonly until?: string
  readonly all?: boolean
}

const MS_BY_UNIT = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const AGE = /^(\d{1,6})([smhdw])$/
const DATE = /^\d{4}-\d\d-\d\d$/

/**
 * The selection that the options mean; `now` is in milliseconds since 1970.
 *
 * @throws {RivetOtelError} `USAGE` where an option cannot be understood or two contradict.
 * @example
 * toSelection({ last: '3' }, Date.now()) // { last: 3 }
 */
export function toSelection(options: SelectionOptions, now: number): Selection {
  const { runId, export: exports, last, since, until, all } = options
  const limits = [runId, exports, last, since, until]
  if (all && limits.some((limit) => limit !== undefined)) {
    throw new RivetOtelError(
      'USAGE',
      '--all means every run; it goes with none of --run-id, --export, --last, --since and --until',
    )
  }
  const selection: Selection = {
    ...(runId ? { runIds: runId } : {}),
    ...(exports ? { exports } : {}),
    ...(last === undefined ? {} : { last: readCount('--last', last) }),
    ...(since === undefined ? {} : { sinceUnixNano: readTime('--since', since, now) }),
    ...(until === undefined ? {} : { untilUnixNano: readTime('--until', until, now) }),
  }
  refuseEmptyPeriod(selection)
  return selection
}

function refuseEmptyPeriod({ sinceUnixNano, untilUnixNano }: Selection): void {
  if (sinceUnixNano === undefined || untilUnixNano === undefined) return
  if (sinceUnixNano < untilUnixNano) return
  throw new RivetOtelError('USAGE', '--since is not before --until, so no run can be between them')
}

/** The options that select runs by what only some places can tell. */
export interface TraceSelectionOptions extends SelectionOptions {
  readonly status?: readonly string[]
  readonly traceId?: readonly string[]
}

/**
 * Like {@link toSelection}, with status and trace id.
 *
 * @throws {RivetOtelError} `USAGE` also for a trace id that is none.
 * @example
 * toRunSelection({ status: ['failed'] }, Date.now()) // { statuses: ['failed'] }
 */
export function toRunSelection(options: TraceSelectionOptions, now: number): RunSelection {
  const { status, traceId, runId } = options
  if (traceId !== undefined && runId !== undefined) {
    throw new RivetOtelError('USAGE', '--trace-id and --run-id both name runs; give one of them')
  }
  return {
    ...toSelection(options, now),
    ...(status === undefined ? {} : { statuses: status }),
    ...(traceId === undefined ? {} : { traceIds: traceId.map(readTraceId) }),
  }
}

/** Jaeger and Tempo write ids without leading zeros in places. */
function readTraceId(text: string): string {
  const id = text.trim().toLowerCase()
  if (/^[0-9a-f]{16,32}$/.test(id) && !/^0+$/.test(id)) return id.padStart(32, '0')
  throw new RivetOtelError(
    'USAGE',
    `--trace-id ${text}: expected 32 hexadecimal digits (leading zeros may lack), not all of them 0`,
  )
}

/**
 * A whole number of one or more.
 */
function readCount(option: string, text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new RivetOtelError('USAGE', `${option} ${text}: expected a whole number of 1 or more`)
}

/**
 * A time, in nanoseconds since 1970: `2026-11-21`, `2026-11-21T08:00:00Z`, or an age such as `24h`.
 *
 * @param now in milliseconds since 1970
 * @throws {RivetOtelError} `USAGE` for anything else.
 * @example
 * readTime('--since', '1970-01-02', Date.now()) // 86400000000000n
 */
export function readTime(option: string, text: string, now: number): bigint {
  const [, count, unit] = AGE.exec(text) ?? []
  if (count !== undefined && unit !== undefined) {
    const age = Number(count) * MS_BY_UNIT[unit as keyof typeof MS_BY_UNIT]
    return BigInt(now - age) * 1_000_000n
  }
  const time = readTimestamp(DATE.test(text) ? `${text}T00:00:00Z` : text)
  if (time !== undefined) return time.unixNano
  throw new RivetOtelError(
    'USAGE',
    `${option} ${text}: expected a time like 2026-11-21, 2026-11-21T08:00:00Z, or an age like 90m, 24h, 7d`,
  )
}
