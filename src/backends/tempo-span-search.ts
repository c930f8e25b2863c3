/**
 * Searching a Tempo for spans of any program that overlap a window.
 *
 * Tempo files a block under the times of its spans as far as they are no older than two minutes when
 * they come, and under the time at which they came otherwise. So a span that was sent soon after it
 * began is found in the window itself, one that came late only in a longer window, which also holds what
 * happened later: some minutes more are asked for first, and the window alone where that is too much. A
 * long span is looked for in the hour after the window. What came even later and lies in no block yet
 * is asked for once, without a window.
 */
import { isJsonObject } from '../json/lossless.js'
import type { BackendClient } from './backend-client.js'
import {
  askInBands,
  type Band,
  type BandAnswer,
  type BandQuestion,
  MOST_ANSWER_BYTES,
} from './span-bands.js'
import { MOST_QUESTIONS, type SpanSearch, type SpanSearchItem } from './span-search.js'
import { readTempoAnswer, saying, unusable } from './tempo-answer.js'
import { foundSpans } from './tempo-found-spans.js'
import { type SpanConditions, spanSearchQuery } from './tempo-span-query.js'
import type { TempoWindow } from './tempo-windows.js'

const NANOS = 1_000_000_000n
/** In seconds: Tempo's own `ingestion_time_range_slack` is 2 minutes, and spans are sent in batches. */
const SENT_WITHIN = 60
/** In seconds: what came up to so long after the window is found too, unless there is too much of it. */
const SENT_LATE = 300
/** In ns: longer spans may lie in blocks that begin after them. */
const LONG: bigint = BigInt(SENT_WITHIN) * NANOS
/** In seconds: how long after the window the end of a long span is looked for. */
const LOOKED_AFTER = 3600
const FIRST_LIMIT = 500
const USUAL_LONGEST = 168 * 3600

/** What the search is about, beside the window. */
export interface TempoSpanSearch extends SpanSearch {
  /** The service of runs: of its spans only whole runs are wanted. */
  readonly serviceName: string
}

/**
 * Searches; the contract is that of `SpanSearcher.spansIn`.
 *
 * @example
 * for await (const item of searchTempoSpans(client, { ...search, serviceName: 'rivet' })) …
 */
export async function* searchTempoSpans(
  client: BackendClient,
  search: TempoSpanSearch,
): AsyncGenerator<SpanSearchItem> {
  const asking = new Asking(client)
  yield* askInBands(questionsOf(asking, search), search.mostQuestions ?? MOST_QUESTIONS)
  yield* asking.unseen()
  yield {
    kind: 'unseen',
    problem: `Tempo's search may miss spans that came within the last seconds, that were sent more than a minute after they began, or that ended more than an hour after the window`,
  }
}

/** Who talks to the same server first, then whole runs, then everybody. */
function questionsOf(asking: Asking, search: TempoSpanSearch): BandQuestion[] {
  const { addresses, serviceName, startUnixNano, endUnixNano } = search
  const everyone = { notOf: serviceName }
  const callers = { ...everyone, addresses }
  const short = { start: Number(startUnixNano / NANOS), end: Number(endUnixNano / NANOS) + 1 }
  const long = { start: short.start, end: short.end + LOOKED_AFTER }
  const late = { start: short.start, end: short.end + SENT_LATE }
  const inBoth = (about: string, conditions: SpanConditions): BandQuestion[] => {
    const asked = (window: TempoWindow, of: Band): BandQuestion => ({
      about,
      band: of,
      ask: (band) => asking.ask(window, { ...conditions, band }),
    })
    const others = { from: 0n, to: LONG }
    return [
      asked(long, { from: LONG }),
      { ...asked(late, others), isExtra: true, onFull: [asked(short, others)] },
    ]
  }
  const isOver = Date.now() / 1000 - short.end > SENT_WITHIN
  const unfiled = (conditions: SpanConditions): BandQuestion[] =>
    isOver
      ? [
          {
            about: '',
            band: { from: 0n },
            isExtra: true,
            ask: () => asking.ask(undefined, conditions),
          },
        ]
      : []
  return [
    ...(addresses.length === 0
      ? []
      : [...inBoth('the callers of the same server', callers), ...unfiled(callers)]),
    ...inBoth('other runs', { runsOf: serviceName }),
    ...inBoth('all services', everyone),
    ...unfiled(everyone),
  ]
}

/** Asks one server, and learns its limits. */
class Asking {
  readonly #client: BackendClient
  #limit = FIRST_LIMIT
  #longest = USUAL_LONGEST
  readonly #unseen = new Set<string>()

  constructor(client: BackendClient) {
    this.#client = client
  }

  /** What was met on the way, one sentence each. */
  *unseen(): Generator<SpanSearchItem> {
    for (const problem of this.#unseen) yield { kind: 'unseen', problem }
  }

  async ask(
    window: TempoWindow | undefined,
    conditions: SpanConditions & { readonly band?: Band },
  ): Promise<BandAnswer> {
    const limit = this.#limit
    const asked = window === undefined ? undefined : this.#within(window)
    const q = spanSearchQuery(conditions)
    // Who talks to a server of so long a name comes with all the others.
    if (q === undefined) return NOTHING
    const response = await this.#client.getJson(
      '/api/search',
      {
        q,
        limit: String(limit),
        spss: '1',
        ...(asked && { start: String(asked.start), end: String(asked.end) }),
      },
      MOST_ANSWER_BYTES,
    )
    const answer = readTempoAnswer(response, this.#client)
    switch (answer.kind) {
      case 'found': {
        const { spans, problems } = foundSpans(
          isJsonObject(response.value) ? response.value.traces : undefined,
        )
        const isFull = answer.traces.length >= limit
        if (answer.isStopped && !isFull)
          this.#unseen.add('the server stopped searching before it had looked everywhere')
        return { spans, isFull, problems: problems.map(this.#client.quotable) }
      }
      case 'limit too high': {
        const { highest } = answer
        if (limit <= 20) throw this.#refused('limit')
        this.#limit = highest !== undefined && highest < limit ? highest : 20
        return AGAIN
      }
      case 'window too long': {
        if (asked === undefined) return this.#notUnfiled(answer.words)
        const length = asked.end - asked.start
        if (length < 2) throw this.#refused(answer.words)
        const { longest } = answer
        this.#longest = longest !== undefined && longest < length ? longest : Math.floor(length / 2)
        return AGAIN
      }
      case 'refused':
        if (window === undefined) return this.#notUnfiled(answer.words)
        throw this.#refused(answer.words)
    }
  }

  /** The end of a window that is longer than the server allows. */
  #within(window: TempoWindow): TempoWindow {
    if (window.end - window.start <= this.#longest) return window
    this.#unseen.add(
      `the server searches no more than ${this.#longest} seconds at once, so the beginning of the window was not looked at; --chunk takes a shorter one`,
    )
    return { start: window.end - this.#longest, end: window.end }
  }

  #notUnfiled(words: string): BandAnswer {
    this.#unseen.add(`the server does not search for what is in no block yet${saying(words)}`)
    return NOTHING
  }

  #refused(words: string) {
    return unusable(
      `${this.#client.location} refuses to search for spans${saying(words)}`,
      'Searching for spans needs a Tempo of version 2.6 or newer.',
    )
  }
}

const NOTHING: BandAnswer = { spans: [], isFull: false, problems: [] }
const AGAIN: BandAnswer = { spans: [], isFull: false, problems: [], isToRepeat: true }
