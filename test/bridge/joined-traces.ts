/** Runs that are joined to a foreign trace, with what else is in such a trace. */
import type { RunJournal } from '../../src/journal/run-journal.js'
import { pagesBeside } from '../../src/mapping/beside.js'
import { execToTrace } from '../../src/mapping/exec-span.js'
import { journalToTrace, type MappingOptions } from '../../src/mapping/journal-to-trace.js'
import type { TracePage } from '../../src/mapping/page.js'
import type { Span, SpanContext, Trace } from '../../src/trace/trace.js'
import { T0 } from '../journal/example-journals.js'
import { bareSpan } from '../trace/sample-traces.js'

/** The wrapper's span, in the trace of a job that is nobody's run. */
export const WRAPPER: SpanContext = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
}

/** Every page of a run that is joined to a span, its signpost among them. */
export function joinedPages(
  journal: RunJournal,
  { joined = WRAPPER, ...options }: MappingOptions = {},
): TracePage[] {
  const mapping = { ...options, joined }
  const known = { record: RECORD(journal), wrapper: joined }
  return [...journalToTrace(journal, mapping), ...pagesBeside(journal, known, mapping)]
}

const RECORD = ({ run_id: runId, export_name: exportName }: RunJournal) => ({
  runId,
  exportName,
  metrics: { sourceType: 'postgres', mode: 'chunked' },
  harm: [],
  resumed: { runId: 'an earlier one', hasJournal: false },
})

/** The wrapper's own span, below a span of the job. */
export function wrapperTrace(journals: readonly RunJournal[], context = WRAPPER): Trace {
  const command = {
    context,
    parentSpanId: 'b7ad6b7169203331',
    program: 'rivet',
    startUnixNano: T0,
    endUnixNano: T0 + 1_000_000_000n,
    exitCode: 0,
  }
  const runs = journals.map(({ run_id: runId, export_name: exportName }) => {
    return { runId, exportName, ...context }
  })
  return execToTrace(command, runs).trace
}

/** What the job's own programs say in its trace, some of it in words that runs use. */
export function foreignTrace({ traceId }: Pick<SpanContext, 'traceId'> = WRAPPER): Trace {
  const span = (i: number, more: Partial<Span> = {}): Span => ({
    ...bareSpan,
    traceId,
    spanId: `fe${String(i).padStart(14, '0')}`,
    ...more,
  })
  const spans = [
    span(1, { name: 'nightly job', attributes: { 'rivet.run.id': 'orders_1' } }),
    span(2, { name: 'export orders', attributes: { 'rivet.trace.page': 0 } }),
    span(3, { name: 'chunk', parentSpanId: span(1).spanId }),
    span(4, { name: 'signpost', attributes: { 'rivet.trace.joined': 'f'.repeat(32) } }),
    span(5, { attributes: { 'rivet.run.id': 7, 'rivet.run.revision': 'none' } }),
    span(6, {
      name: 'signpost',
      attributes: { 'rivet.run.id': 'orders_1', 'rivet.trace.joined': 'e'.repeat(32) },
    }),
  ]
  return { resource: { 'service.name': 'job' }, scope: { name: 'job', version: '9' }, spans }
}
