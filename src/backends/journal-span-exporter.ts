/**
 * A `SpanExporter` of the OpenTelemetry SDK that hands over run journals as their spans complete.
 *
 * It needs only the SDK's types and keeps no span: what a span says is read at once.
 */
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { ImportedRun } from '../mapping/imported-run.js'
import { JournalAssembler } from '../mapping/trace-to-journal.js'
import { reasonOf } from '../problem.js'
import { fromReadableSpan } from './sdk-spans.js'

/** `ExportResultCode` of `@opentelemetry/core`. */
const SUCCESS = 0
const FAILED = 1

/**
 * Rebuilds run journals from the spans that a tracer provider exports.
 *
 * A run is handed over when the last span that its roots announce has come. What is still
 * incomplete at `shutdown()` is handed over then, as `incomplete`. Spans of no journal are ignored.
 *
 * @example
 * const exporter = new JournalSpanExporter((run) => console.log(run.runId, run.status))
 * new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
 */
export class JournalSpanExporter implements SpanExporter {
  readonly #assembler = new JournalAssembler()
  readonly #onRun: (run: ImportedRun) => void
  #isShutDown = false

  constructor(onRun: (run: ImportedRun) => void) {
    this.#onRun = onRun
  }

  export(spans: ReadableSpan[], done: (result: { code: number; error?: Error }) => void): void {
    if (this.#isShutDown) {
      done({ code: FAILED, error: new Error('the exporter was shut down') })
      return
    }
    try {
      for (const span of spans) {
        const key = this.#assembler.add(fromReadableSpan(span))
        const run =
          key === undefined ? undefined : this.#assembler.takeComplete(key.namespace, key.runId)
        if (run !== undefined) this.#onRun(run)
      }
      done({ code: SUCCESS })
    } catch (error) {
      done({ code: FAILED, error: error instanceof Error ? error : new Error(reasonOf(error)) })
    }
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    if (this.#isShutDown) return
    this.#isShutDown = true
    for (const run of this.#assembler.finish()) this.#onRun(run)
  }
}
