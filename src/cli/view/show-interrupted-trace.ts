/**
 * A run that was killed, as its trace says it; for a person, and for a program. It is no
 * journal, and says so first.
 */
import { formatTimestamp } from '../../journal/timestamp.js'
import type { JsonObject } from '../../json/lossless.js'
import type { InterruptedTrace } from '../../mapping/interrupted-trace.js'
import { formatBytes, formatCount, formatTime, UNKNOWN } from '../../view/quantities.js'
import { labelled } from './labelled.js'
import { runTitle, section, textOf } from './run-title.js'
import { lookOf, type SectionLook, type ShowOptions } from './section-look.js'
import { printable } from './terminal-text.js'
import { wrap } from './wrap.js'

/**
 * Shows it as lines of text, each with its line break.
 *
 * @example
 * process.stdout.write(showInterruptedTrace(trace, { width: 80, color: false }))
 */
export function showInterruptedTrace(trace: InterruptedTrace, options: ShowOptions): string {
  const look = lookOf(options, false)
  const { width, paints } = look
  const { runId, exportName, traceId, startUnixNano } = trace
  const banner = `NO JOURNAL: run ${runId} was interrupted and left no journal; its trace is ${traceId}.`
  return textOf([
    ...wrap(printable(banner), width).map(paints.warning),
    '',
    ...runTitle(
      { runId, exportName, startUnixNano },
      { text: 'interrupted', paint: paints.bad },
      look,
    ),
    ...section('Happened', happened(trace, look), look),
    ...section('Outcome', outcome(trace, look), look),
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

function happened(trace: InterruptedTrace, look: SectionLook): string[] {
  const { rows, files, bytes, chunks, chunksFailed, chunksPending } = trace
  const parts = [
    ...(chunks === undefined ? [] : [`${formatCount(chunks)} planned`]),
    ...(chunksFailed === undefined ? [] : [`${formatCount(chunksFailed)} failed`]),
    ...(chunksPending === undefined ? [] : [`${formatCount(chunksPending)} not begun`]),
  ]
  return [
    ...line('rows', rows === undefined ? UNKNOWN : formatCount(rows), look),
    ...line('files', files === undefined ? UNKNOWN : formatCount(files), look),
    ...line('bytes', bytes === undefined ? UNKNOWN : formatBytes(bytes), look),
    ...(parts.length === 0 ? [] : line('chunks', parts.join(', '), look)),
  ]
}

function outcome(trace: InterruptedTrace, look: SectionLook): string[] {
  const { message, noticedUnixNano, resumedBy } = trace
  const noticed = noticedUnixNano === undefined ? UNKNOWN : formatTime(noticedUnixNano)
  return [
    ...line('status', 'interrupted', look),
    ...line('noticed', `${noticed}; when it stopped, nobody knows`, look),
    ...(message === undefined ? [] : line('known', message, look)),
    ...(resumedBy === undefined ? [] : line('resumed by', resumedBy, look)),
  ]
}

function line(label: string, text: string, { width, paints }: SectionLook): string[] {
  const paint = label === 'status' ? { paint: paints.bad } : {}
  return labelled(label, text, { width, paintLabel: paints.quiet, maxLines: 20, ...paint })
}
