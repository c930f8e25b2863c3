/**
 * Asking for spans in bands of duration: how the longest are found where a server gives no more than so
 * many results and has no second page.
 *
 * A band whose answer is full is asked for in two parts, the part of the longer spans first. So what is
 * left out when the questions are used up are short ones, which take less of any window.
 */

import type { ReceivedSpan } from '../trace/trace.js'
import { AnswerTooLarge } from './backend-client.js'
import type { SpanSearchItem } from './span-search.js'

/** Durations, in ns. */
export interface Band {
  /** Included. */
  readonly from: bigint
  /** Not included; absent where there is no end. */
  readonly to?: bigint
}

/** What came of asking once. */
export interface BandAnswer {
  readonly spans: readonly ReceivedSpan[]
  /** There may be more. */
  readonly isFull: boolean
  /** What could not be read, one sentence each. */
  readonly problems: readonly string[]
  /** Ask the same again: the server taught how to. */
  readonly isToRepeat?: boolean
}

/** A question that can be asked for any band. */
export interface BandQuestion {
  /** Whose spans it asks for, for messages: `service "api"`. */
  readonly about: string
  readonly band: Band
  ask(band: Band): Promise<BandAnswer>
  /** Whether a full answer is left as it is: something else asks for the spans that matter. */
  readonly isExtra?: boolean
  /** What is asked once as soon as an answer is full. */
  readonly onFull?: readonly BandQuestion[]
}

/** Of one answer, in bytes; four are held at once. */
export const MOST_ANSWER_BYTES = 64 * 1024 * 1024

/** How many requests are under way at once. */
const UNDER_WAY = 4
/** Below that a server's own times decide, in ns. */
const SHORTEST = 1000n
/** A band is not divided where its ends are closer than this, as a factor. */
const NARROWEST = 1.01
const MOST_NAMED = 5

/**
 * Asks all questions, then the parts of those whose answers were full, as long as there are questions
 * left. What was not looked at to its end is said.
 *
 * @throws {RivetOtelError} where one is not answered.
 * @example
 * for await (const item of askInBands(questions, 240)) if (item.kind === 'span') …
 */
export async function* askInBands(
  questions: readonly BandQuestion[],
  most: number,
): AsyncGenerator<SpanSearchItem> {
  const first = [...questions]
  const parts: BandQuestion[] = []
  const given: BandQuestion[] = []
  let asked = 0
  while (first.length + parts.length > 0 && asked < most) {
    const count = Math.min(UNDER_WAY, most - asked)
    const batch = first.length > 0 ? first.splice(0, count) : parts.splice(0, count)
    const answers = await Promise.all(batch.map(answerTo))
    asked += batch.length
    for (const [i, { spans, problems, isFull, isToRepeat }] of answers.entries()) {
      for (const received of spans) yield { kind: 'span', received }
      for (const problem of problems) yield { kind: 'problem', problem }
      const question = batch[i]
      if (question === undefined) continue
      if (isToRepeat) first.push(question)
      else if (isFull) {
        const { onFull = [], ...rest } = question
        first.push(...onFull)
        const halves = question.isExtra === true ? [] : cut(question.band)
        if (halves === undefined) given.push(question)
        else parts.push(...halves.map((band) => ({ ...rest, band })))
      }
    }
    parts.sort(longestFirst)
    yield { kind: 'asked', questions: asked }
  }
  yield* leftOut([...given, ...first.filter(({ isExtra }) => isExtra !== true), ...parts])
}

function longestFirst({ band: a }: BandQuestion, { band: b }: BandQuestion): number {
  return a.from > b.from ? -1 : a.from < b.from ? 1 : 0
}

async function answerTo(question: BandQuestion): Promise<BandAnswer> {
  try {
    return await question.ask(question.band)
  } catch (error) {
    if (error instanceof AnswerTooLarge) return { spans: [], isFull: true, problems: [] }
    throw error
  }
}

/**
 * The two parts of a band, the one of the longer spans first; `undefined` where it is narrow already.
 *
 * @example
 * cut({ from: 1_000n, to: 100_000n }) // [{ from: 10_000n, to: 100_000n }, { from: 1_000n, to: 10_000n }]
 */
export function cut({ from, to }: Band): [Band, Band] | undefined {
  const at = middleOf(from, to)
  if (at === undefined) return undefined
  return [
    { from: at, ...(to !== undefined && { to }) },
    { from, to: at },
  ]
}

function middleOf(from: bigint, to: bigint | undefined): bigint | undefined {
  if (to === undefined) return from < SHORTEST ? 1_000_000_000n : from * 8n
  if (from < SHORTEST) return to > 2n * SHORTEST ? bigger(to / 16n, SHORTEST) : undefined
  if (Number(to) / Number(from) < NARROWEST) return undefined
  const at = BigInt(Math.round(Math.sqrt(Number(from) * Number(to))))
  return at > from && at < to ? at : undefined
}

function bigger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

/** One sentence for each of whom something was left out, the longest first; the rest are counted. */
function* leftOut(questions: readonly BandQuestion[]): Generator<SpanSearchItem> {
  const byWhom = new Map<string, Band>()
  for (const { about, band } of questions) {
    const known = byWhom.get(about)
    const isLonger = known?.to !== undefined && (band.to === undefined || band.to > known.to)
    if (known === undefined || isLonger) byWhom.set(about, band)
  }
  const named = [...byWhom].slice(0, MOST_NAMED)
  for (const [about, { to }] of named) {
    const which = to === undefined ? 'the spans' : `the spans shorter than ${lengthOf(to)}`
    yield {
      kind: 'unseen',
      problem: `of ${which} of ${about} only some were looked at, because there are too many; a shorter window has fewer: --chunk`,
    }
  }
  const more = byWhom.size - named.length
  if (more > 0) yield { kind: 'unseen', problem: `the same holds for ${more} others` }
}

/** `1.5 ms`, `60 s`: three digits that count. */
function lengthOf(nanos: bigint): string {
  const units = [
    [1_000_000_000, 's'],
    [1_000_000, 'ms'],
    [1000, 'µs'],
  ] as const
  const [size, unit] = units.find(([size]) => Number(nanos) >= size) ?? [1, 'ns']
  return `${Number((Number(nanos) / size).toPrecision(3))} ${unit}`
}
