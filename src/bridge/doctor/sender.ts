/**
 * Sending what an examination sends: through the same delivery as every export, and counted.
 */
import { openOtlpHttp } from '../../delivery/otlp-http.js'
import type { OtlpSettings } from '../../delivery/otlp-settings.js'
import type { TracePage } from '../../mapping/page.js'
import { DOCTOR_SERVICE } from '../../mapping/resource.js'
import type { Probe } from './probes.js'

/** What became of what was sent. */
export interface Sent {
  readonly spans: number
  /** Spans that the place accepted. */
  readonly delivered: number
  /** Nobody answered. */
  readonly isUnreachable: boolean
  /** Why some were not accepted, each reason once. */
  readonly problems: readonly string[]
}

/**
 * Sends things and remembers what the place asked for on the way.
 *
 * @example
 * const { problems } = await new Sender(settings).probes([textProbe(seed)])
 */
export class Sender {
  readonly #settings: OtlpSettings
  readonly #waits: string[] = []
  readonly #notices: string[] = []

  constructor(settings: OtlpSettings) {
    this.#settings = settings
  }

  /** Where to; holds no secret. */
  get location(): string {
    return this.#settings.location
  }

  /** What was tried again, and after how long, one sentence each. */
  get waits(): readonly string[] {
    return this.#waits
  }

  /** What it was found to refuse for its size, and what was done about that, one sentence each. */
  get notices(): readonly string[] {
    return this.#notices
  }

  /** Sends probes, in as few requests as an export would. */
  probes(probes: readonly Probe[], options: { maxRequestBytes?: number } = {}): Promise<Sent> {
    return this.pages(probes.map(asPage), options)
  }

  /** Sends pages of a run. */
  async pages(
    pages: readonly TracePage[],
    { maxRequestBytes = this.#settings.maxRequestBytes }: { maxRequestBytes?: number } = {},
  ): Promise<Sent> {
    const delivery = openOtlpHttp(
      { ...this.#settings, maxRequestBytes },
      {
        onRetry: (message) => this.#waits.push(message),
        notice: (message) => this.#notices.push(message),
      },
    )
    const problems = new Set<string>()
    let spans = 0
    let delivered = 0
    let isUnreachable = false
    try {
      for await (const outcome of delivery.send(each(pages))) {
        spans += outcome.page.spans
        delivered += outcome.delivered
        if (outcome.problem === undefined) continue
        problems.add(outcome.problem.message)
        isUnreachable ||= outcome.problem.kind === 'unreachable'
      }
    } finally {
      await delivery.close()
    }
    return { spans, delivered, isUnreachable, problems: [...problems] }
  }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

/** What a delivery wants to know beside the trace is for its reports alone. */
function asPage({ title, trace }: Probe): TracePage {
  const runId = `probe: ${title}`
  return {
    runId,
    exportName: DOCTOR_SERVICE,
    namespace: DOCTOR_SERVICE,
    revision: 0,
    page: 0,
    pages: 1,
    digest: '',
    trace,
  }
}
