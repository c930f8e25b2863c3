/**
 * Searching a Tempo for runs.
 *
 * First everything that Tempo has not filed into blocks yet, whatever its time; then its blocks, in
 * windows of time. An answer that is full is asked for again in parts. What that may still miss is
 * said at the end.
 */
import { formatTimestamp } from '../journal/timestamp.js'
import type { RivetOtelError } from '../problem.js'
import type { SearchItem, TraceSearch } from './backend.js'
import type { BackendClient } from './backend-client.js'
import {
  type FoundTrace,
  readTempoAnswer,
  saying,
  type TempoAnswer,
  unusable,
} from './tempo-answer.js'
import { MOST_DIGITS, type TempoConditions, tempoQuery } from './tempo-query.js'
import { SHORTEST_WINDOW, type TempoWindow, windowsOf } from './tempo-windows.js'

/** What is known of a server's limits; what it refuses teaches more. */
export interface TempoLimits {
  /** The longest window, in seconds. */
  longest: number
  /** The most traces of one answer. */
  limit: number
}

/** Tempo's own longest window is 168 hours unless it is configured otherwise. */
const USUAL_LONGEST = 168 * 3600
const FIRST_LIMIT = 1000
const DEFAULT_LIMIT = 20
/** Nobody keeps traces for longer, and each week is two questions. */
const MOST_DAYS = 400
const DAY = 86_400
const NANOS = 1_000_000_000n
const HEX = [...'0123456789abcdef']

const STOPPED =
  'the server stopped searching before it had looked everywhere, so runs may be missing; such a run is read by its run_id'

/**
 * The limits of a server of which nothing is known.
 *
 * @example
 * usualLimits().longest // 604800
 */
export function usualLimits(): TempoLimits {
  return { longest: USUAL_LONGEST, limit: FIRST_LIMIT }
}

/**
 * Searches; the contract is that of `TraceBackend.search`.
 *
 * @param limits what is known of the server; it is changed where the server refuses
 * @example
 * for await (const item of searchTempo(client, { ...query, serviceName: 'rivet' }, usualLimits())) console.log(item.kind)
 */
export async function* searchTempo(
  client: BackendClient,
  query: TraceSearch & TempoConditions,
  limits: TempoLimits,
): AsyncGenerator<SearchItem> {
  const now = Math.floor(Date.now() / 1000)
  const range = rangeOf(query, now, limits)
  const search = new TempoSearch(client, query, limits)
  // A block that is filed meanwhile is seen by what comes after, so nothing falls between.
  yield* search.in(undefined)
  for (const window of range === undefined ? [] : windowsOf(range, () => limits.longest)) {
    yield* search.in(window)
  }
  if (query.sinceUnixNano < unixNano(earliest(now))) yield unseen(notSearched(now))
  yield unseen(whatSearchMisses(range, now, limits))
}

/**
 * When a run that is wanted may have run and may have been sent, as far as windows can hold both;
 * `undefined` where nobody keeps what is that old.
 */
function rangeOf(
  { sinceUnixNano, untilUnixNano }: TraceSearch,
  now: number,
  { longest }: TempoLimits,
): TempoWindow | undefined {
  const start = Math.max(Number(sinceUnixNano / NANOS), earliest(now))
  // Clocks may differ, but not by more than a day; Tempo takes no time after 2038.
  const until = Math.min(Number(untilUnixNano / NANOS), now + DAY)
  const sent = now - start < longest ? now : Math.min(until + Math.floor(longest / 2), now)
  return until < start ? undefined : { start, end: Math.max(until, sent) + 1 }
}

function earliest(now: number): number {
  return now - MOST_DAYS * DAY
}

function unixNano(seconds: number): bigint {
  return BigInt(seconds) * NANOS
}

/** One search: what it asks, and what it found so far. */
class TempoSearch {
  readonly #client: BackendClient
  readonly #query: TraceSearch & TempoConditions
  readonly #limits: TempoLimits
  /** By trace id. */
  readonly #ends = new Map<string, Set<bigint>>()
  readonly #said = new Set<string>()
  /** Where the last digit made no difference: the window, and the digits before. */
  readonly #crowded = new Set<string>()

  constructor(client: BackendClient, query: TraceSearch & TempoConditions, limits: TempoLimits) {
    this.#client = client
    this.#query = query
    this.#limits = limits
  }

  /** Everything in a window, or what is in no block yet; nothing where the window is refused. */
  async *in(window: TempoWindow | undefined, digits = ''): AsyncGenerator<SearchItem> {
    const limit = this.#limits.limit
    const answer = await this.#ask(window, digits)
    switch (answer.kind) {
      case 'window too long':
        if (window === undefined) yield* this.#once(notRecent(answer.words))
        else this.#shorten(window, answer.longest)
        return
      case 'limit too high':
        this.#lower(answer.highest)
        yield* this.in(window, digits)
        return
      case 'refused':
        if (window !== undefined) throw this.#refused(answer.words)
        yield* this.#once(notRecent(answer.words))
        return
    }
    yield* this.#new(answer.traces)
    if (answer.traces.length < limit) {
      if (answer.isStopped) yield* this.#once(STOPPED)
    } else if (digits.length < MOST_DIGITS) {
      for (const digit of HEX) yield* this.in(window, digits + digit)
    } else {
      this.#expectFirst(window, digits)
      yield* this.#once(
        `more than ${limit} traces have the same journal; any further ones were not looked at, read them by run_id`,
      )
    }
  }

  /**
   * Of a server that ignores the condition on the digest every part is full again: sixteen to the
   * power of eight of them. Two are enough to tell, as two journals with the same seven digits and a
   * crowd of traces each are not.
   */
  #expectFirst(window: TempoWindow | undefined, digits: string): void {
    const part = JSON.stringify([window, digits.slice(0, -1)])
    if (this.#crowded.has(part)) {
      throw unusable(
        `${this.#client.location} does not obey the query of a search: its answers stay full however it is asked for the runs of one journal`,
        'Searching needs a Tempo of version 2.2 or newer; a run is read by its run_id without it.',
      )
    }
    this.#crowded.add(part)
  }

  async #ask(window: TempoWindow | undefined, digits: string): Promise<TempoAnswer> {
    const parameters = {
      q: tempoQuery(this.#query, digits),
      limit: String(this.#limits.limit),
      spss: '1',
      ...(window && { start: String(window.start), end: String(window.end) }),
    }
    return readTempoAnswer(await this.#client.getJson('/api/search', parameters), this.#client)
  }

  *#new(traces: readonly FoundTrace[]): Generator<SearchItem> {
    for (const { traceId, endsUnixNano } of traces) {
      const known = this.#ends.get(traceId) ?? new Set()
      for (const endUnixNano of endsUnixNano) {
        if (!this.#isWanted(endUnixNano) || known.has(endUnixNano)) continue
        this.#ends.set(traceId, known.add(endUnixNano))
        yield { kind: 'found', traceId, endUnixNano }
      }
    }
  }

  /** What holds for many windows is said once. */
  *#once(problem: string): Generator<SearchItem> {
    if (this.#said.has(problem)) return
    this.#said.add(problem)
    yield unseen(problem)
  }

  /** A root lasts at least 1 ns, so it may end 1 ns after its run. */
  #isWanted(endUnixNano: bigint): boolean {
    const { sinceUnixNano, untilUnixNano } = this.#query
    return endUnixNano >= sinceUnixNano && endUnixNano <= untilUnixNano
  }

  #refused(words: string): RivetOtelError {
    return unusable(
      `${this.#client.location} refuses to search${saying(words)}`,
      'Searching needs a Tempo of version 2.2 or newer; a run is read by its run_id without it.',
    )
  }

  #shorten({ start, end }: TempoWindow, longest: number | undefined): void {
    const asked = end - start
    const allowed = longest !== undefined && longest < asked ? longest : Math.floor(asked / 2)
    if (allowed < SHORTEST_WINDOW) {
      throw unusable(
        `${this.#client.location} refuses to search any window of time, even one of ${asked} seconds`,
        "Look at query_frontend.search.max_duration in Tempo's configuration.",
      )
    }
    this.#limits.longest = allowed
  }

  #lower(highest: number | undefined): void {
    const asked = this.#limits.limit
    const allowed = highest !== undefined && highest < asked ? highest : DEFAULT_LIMIT
    if (allowed >= asked) {
      throw unusable(
        `${this.#client.location} refuses to answer a search with ${asked} traces or fewer`,
        "Look at query_frontend.search.max_result_limit in Tempo's configuration.",
      )
    }
    this.#limits.limit = allowed
  }
}

function notSearched(now: number): string {
  const date = formatTimestamp(unixNano(earliest(now)))
  return `runs that ended before ${date} were not searched for, at most ${MOST_DAYS} days are; such a run is read by its run_id`
}

function whatSearchMisses(
  range: TempoWindow | undefined,
  now: number,
  { longest }: TempoLimits,
): string {
  // Where one window holds everything up to now, it does not matter when a run was sent.
  const isWhole = range !== undefined && range.end > now && range.end - range.start <= longest
  const late = isWhole ? '' : `, or more than ${lengthOf(Math.floor(longest / 2))} after it ended`
  // A run is seen some seconds after it was sent, and not while Tempo moves it into its store, which
  // takes up to 5 minutes half an hour later.
  return `Tempo's search may miss a run that was sent within the last hour${late}; such a run is read by its run_id`
}

function notRecent(words: string): string {
  return `the server does not search for what was sent within the last hour whatever its time${saying(words)}; such a run is read by its run_id`
}

function lengthOf(seconds: number): string {
  if (seconds >= 7200) return `${Math.floor(seconds / 3600)} hours`
  return seconds >= 120 ? `${Math.floor(seconds / 60)} minutes` : `${seconds} seconds`
}

function unseen(problem: string): SearchItem {
  return { kind: 'unseen', problem }
}
