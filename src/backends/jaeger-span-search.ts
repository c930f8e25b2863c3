/**
 * Searching a Jaeger for spans of any program that overlap a window.
 *
 * Jaeger searches within one service, by when a span starts and how long it took, and answers with
 * whole traces. So every service is asked, for spans that start in the window or before it by no more
 * than they can have lasted; where a service has too many, those that talk to the same server are asked
 * for next, then the others in parts. Its times have microseconds.
 */
import { quotable } from '../http/server-words.js'
import { stringifyJson } from '../json/lossless.js'
import { DOCTOR_SERVICE } from '../mapping/resource.js'
import { decodeTraceDocument } from '../trace/trace-document.js'
import type { BackendClient } from './backend-client.js'
import type { BackendSettings } from './backend-settings.js'
import { dataOf, errorsOf, notOfJaeger } from './jaeger-answer.js'
import { Portion } from './jaeger-portion.js'
import {
  askInBands,
  type Band,
  type BandAnswer,
  type BandQuestion,
  MOST_ANSWER_BYTES,
} from './span-bands.js'
import { MOST_QUESTIONS, type SpanSearch, type SpanSearchItem } from './span-search.js'

const SEARCH = '/api/traces'
const SERVICES = '/api/services'
const NANOS_PER_MICRO = 1000n
/** Some of the questions are left for those that have too many spans. */
const MOST_SERVICES = 100
/** How long before the window a span may have begun, in ns: an hour. */
const LOOKED_BACK = 3_600_000_000_000n
/** In ns; a window is a chunk of milliseconds or a run of hours, and each service is asked twice. */
const SHORTEST_LONG = 1_000_000_000n
/** Traces in one answer: they may be as small as one span. */
const MOST_TRACES = 1000
/** The two names that nearly all callers use; each one is a question of its own. */
const ADDRESS_TAGS = ['server.address', 'net.peer.name']
const MOST_ADDRESSES = 2
const MOST_NAMED = 5

/**
 * Searches; the contract is that of `SpanSearcher.spansIn`.
 *
 * @example
 * for await (const item of searchJaegerSpans(client, settings, search)) …
 */
export async function* searchJaegerSpans(
  client: BackendClient,
  settings: BackendSettings,
  search: SpanSearch,
): AsyncGenerator<SpanSearchItem> {
  const names = await servicesOf(client)
  const services = names.filter((name) => name !== DOCTOR_SERVICE)
  const most = (search.mostQuestions ?? MOST_QUESTIONS) - 1
  const asked = services.slice(0, Math.min(MOST_SERVICES, Math.max(1, Math.floor(most / 2))))
  const asking = new Asking(client, search)
  yield { kind: 'asked', questions: 1 }
  const questions = asked.flatMap((service) =>
    service === settings.serviceName
      ? asking.aboutRuns(service)
      : asking.about(service, `service ${shownName(service, settings)}`),
  )
  for await (const item of askInBands(questions, most)) {
    yield item.kind === 'asked' ? { ...item, questions: item.questions + 1 } : item
  }
  if (services.length > asked.length) {
    const left = services.slice(asked.length)
    const some = left.slice(0, MOST_NAMED).map((name) => shownName(name, settings))
    const more = left.length > some.length ? ` and ${left.length - some.length} more` : ''
    yield {
      kind: 'unseen',
      problem: `the server has ${services.length} services, of which ${asked.length} were asked; not ${some.join(', ')}${more}`,
    }
  }
  yield {
    kind: 'unseen',
    problem:
      'spans that began more than an hour before the window were not looked for, because Jaeger searches by the start',
  }
}

function shownName(name: string, settings: BackendSettings): string {
  return quotable(stringifyJson(name), settings, 60)
}

async function servicesOf(client: BackendClient): Promise<string[]> {
  const answer = await client.getJson(SERVICES)
  const { value } = answer
  const services = dataOf(answer)
  // Of a server without any the list is null.
  const isEmpty =
    answer.status === 200 && typeof value === 'object' && value !== null && 'data' in value
  if (services === undefined && !isEmpty) throw notOfJaeger(client.location, SERVICES, answer)
  const names = (services ?? []).filter((name): name is string => typeof name === 'string')
  return [...new Set(names)].filter((name) => name !== '').sort()
}

/** Asks one server about one window. */
class Asking {
  readonly #client: BackendClient
  readonly #search: SpanSearch
  readonly #portion = new Portion(MOST_TRACES)
  /** From where on a span is long: it may have begun before the window as a whole. */
  readonly #long: bigint

  constructor(client: BackendClient, search: SpanSearch) {
    this.#client = client
    this.#search = search
    const length = search.endUnixNano - search.startUnixNano
    this.#long = length > SHORTEST_LONG ? length : SHORTEST_LONG
  }

  /** Everything of a service, and where that is too much, what talks to the same server. */
  about(service: string, about: string): BandQuestion[] {
    const { addresses } = this.#search
    const callers = addresses.slice(0, MOST_ADDRESSES).flatMap((address) =>
      ADDRESS_TAGS.map((name): BandQuestion => {
        const tags = stringifyJson({ [name]: address })
        return {
          about: `${about} that talk to the same server`,
          band: { from: 0n },
          ask: (band) => this.#ask({ service, tags }, band),
        }
      }),
    )
    const bands: Band[] = [{ from: this.#long }, { from: 0n, to: this.#long }]
    return bands.map((band) => ({
      about,
      band,
      ask: (part) => this.#ask({ service }, part),
      onFull: callers.map((caller) => ({ ...caller, band })),
    }))
  }

  /** Runs as a whole. */
  aboutRuns(service: string): BandQuestion[] {
    const tags = stringifyJson({ 'rivet.trace.page': '0' })
    const ask = (band: Band) => this.#ask({ service, tags }, band)
    return [{ about: 'other runs', band: { from: 0n }, ask }]
  }

  async #ask(
    parameters: Readonly<Record<string, string>>,
    { from, to }: Band,
  ): Promise<BandAnswer> {
    const { startUnixNano, endUnixNano } = this.#search
    const back = to !== undefined && to < LOOKED_BACK ? to : LOOKED_BACK
    const start = startUnixNano > back ? startUnixNano - back : 0n
    const limit = this.#portion.traces
    const answer = await this.#client.getJson(
      SEARCH,
      {
        ...parameters,
        start: String(start / NANOS_PER_MICRO),
        end: String(endUnixNano / NANOS_PER_MICRO + 1n),
        ...(from > 0n && { minDuration: `${from / NANOS_PER_MICRO}us` }),
        ...(to !== undefined && { maxDuration: `${to / NANOS_PER_MICRO + 1n}us` }),
        limit: String(limit),
        raw: 'true',
      },
      MOST_ANSWER_BYTES,
    )
    const traces = dataOf(answer)
    if (traces === undefined) throw notOfJaeger(this.#client.location, SEARCH, answer)
    this.#portion.learnFrom(traces)
    const { spans, problems } = decodeTraceDocument({ data: traces })
    const left = errorsOf(answer).map(
      (error) => `the server left something out of its answer: ${stringifyJson(error)}`,
    )
    const isFull = traces.length >= limit
    return {
      spans,
      isFull,
      // More of such small traces fit into one answer.
      isToRepeat: isFull && this.#portion.traces >= 2 * limit,
      problems: [...problems, ...left].map(this.#client.quotable),
    }
  }
}
