/**
 * Delivery through an exporter of the OpenTelemetry SDK, for whatever the SDK can reach: gRPC, a
 * vendor's own exporter, memory.
 *
 * An outcome cannot tell more than the exporter does. The SDK's OTLP exporters report a partial
 * success as a success, do not split what is too large, and know nothing of what is there already:
 * delivered means here that the exporter said "success" for the whole page.
 */
import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import { sentPage, type TracePage } from '../mapping/page.js'
import type { Delivery, DeliveryProblem, HeldRevision, PageOutcome } from './delivery.js'
import { toReadableSpans } from './readable-span.js'

type ExportResult = Parameters<Parameters<SpanExporter['export']>[1]>[0]

/**
 * Makes a delivery of an exporter. Pages go one after the other, because exporters refuse what comes
 * while too much is under way. Closing it flushes the exporter and shuts it down.
 *
 * @example
 * import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
 * const delivery = deliverThrough(new OTLPTraceExporter())
 */
export function deliverThrough(exporter: SpanExporter): Delivery {
  const location = `exporter ${exporter.constructor.name}`
  return {
    location,
    send: (pages) => send(exporter, location, pages),
    held: async (): Promise<readonly HeldRevision[]> => [],
    lacking: async (page) => sentPage(page).spans,
    async close() {
      await exporter.forceFlush?.()
      await exporter.shutdown()
    },
  }
}

async function* send(
  exporter: SpanExporter,
  location: string,
  pages: AsyncIterable<TracePage>,
): AsyncGenerator<PageOutcome> {
  let lost: string | undefined
  for await (const page of pages) {
    const problem: DeliveryProblem | undefined =
      lost === undefined
        ? await exportPage(exporter, location, page)
        : { kind: 'unreachable', message: `${lost}; not tried again for the rest` }
    // The exporter has tried again for as long as it is set to; it would do so for every page.
    if (problem?.kind === 'unreachable') lost ??= problem.message
    const sent = sentPage(page)
    const { spans } = sent
    const outcome = { page: sent, delivered: 0, present: 0, rejected: 0, unsent: 0 }
    if (problem === undefined) yield { ...outcome, delivered: spans }
    else if (problem.kind === 'rejected') yield { ...outcome, rejected: spans, problem }
    else yield { ...outcome, unsent: spans, problem }
  }
}

async function exportPage(
  exporter: SpanExporter,
  location: string,
  { trace }: TracePage,
): Promise<DeliveryProblem | undefined> {
  const { code, error } = await new Promise<ExportResult>((resolve) => {
    try {
      exporter.export(toReadableSpans(trace), resolve)
    } catch (thrown) {
      resolve({ code: 1, error: thrown instanceof Error ? thrown : new Error(String(thrown)) })
    }
  })
  if (code === 0) return undefined
  const message = error?.message || error?.name || 'it failed and does not say why'
  const status = statusOf(error)
  return status === undefined || GRPC_NOT_REACHED.includes(status)
    ? { kind: 'unreachable', message: `${location}: ${message}` }
    : { kind: 'rejected', message: `${location}: answered ${status}: ${message}` }
}

/** DEADLINE_EXCEEDED and UNAVAILABLE; no HTTP status is that small. */
const GRPC_NOT_REACHED = [4, 14]

/** The SDK's exporters put the status of an answer into `code`, and a network error's name else. */
function statusOf(error: Error | undefined): number | undefined {
  return error !== undefined && 'code' in error && typeof error.code === 'number'
    ? error.code
    : undefined
}
