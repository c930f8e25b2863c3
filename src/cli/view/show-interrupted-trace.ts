/**
 * A run that was killed, as its trace says it; for a person, and for a program. It is no
 * journal, and says so first.
 */
import { formatTimestamp } from '../../journal/timestamp.js'
import type { JsonObject } from '../../json/lossless.js'
import type { InterruptedTrace } from '../../mapping/interrupted-trace.js'
import {
  bannerOfTrace,
  happenedByTrace,
  outcomeByTrace,
} from '../../view/interrupted-trace-words.js'
import type { Labelled } from '../../view/run-view.js'
import { printable } from './printable.js'
import { runTitle, section, textOf } from './run-title.js'
import { linesOf } from './section-lines.js'
import { lookOf, type SectionLook, type ShowOptions } from './section-look.js'
import { wrap } from './wrap.js'

const MOST_LINES = 20

/**
 * Shows it as lines of text, each with its line break.
 *
 * @example
 * process.stdout.write(showInterruptedTrace(trace, { width: 80, color: false }))
 */
export function showInterruptedTrace(trace: InterruptedTrace, options: ShowOptions): string {
  const look = lookOf(options, false)
  const { width, paints } = look
  const { runId, exportName, startUnixNano } = trace
  return textOf([
    ...wrap(printable(bannerOfTrace(trace)), width).map(paints.warning),
    '',
    ...runTitle(
      { runId, exportName, startUnixNano },
      { text: 'interrupted', paint: paints.bad },
      look,
    ),
    ...section('Happened', lines(happenedByTrace(trace), look), look),
    ...section('Outcome', lines(outcomeByTrace(trace), look), look),
  ])
}

/**
 * The same as JSON, always with the same members; what is not known is `null`.
 *
 * @example
 * interruptedTraceJson(trace) // { journal: null, run_id: 'orders_1', …, trace_id: '…' }
 */
export function interruptedTraceJson(trace: InterruptedTrace): JsonObject {
  return {
    journal: null,
    run_id: trace.runId,
    export_name: trace.exportName,
    namespace: trace.namespace === '' ? null : trace.namespace,
    status: 'interrupted',
    trace_id: trace.traceId,
    started_at: formatTimestamp(trace.startUnixNano),
    noticed_at: trace.noticedUnixNano === undefined ? null : formatTimestamp(trace.noticedUnixNano),
    resumed_by: trace.resumedBy ?? null,
    rows: trace.rows ?? null,
    files: trace.files ?? null,
    bytes: trace.bytes ?? null,
    chunks: trace.chunks ?? null,
    chunks_pending: trace.chunksPending ?? null,
    chunks_failed: trace.chunksFailed ?? null,
  }
}

function lines(words: readonly Labelled[], look: SectionLook): string[] {
  return words.flatMap((line) =>
    linesOf([line], look, {
      maxLines: MOST_LINES,
      ...(line.level === 'bad' ? { paint: look.paints.bad } : {}),
    }),
  )
}
