/**
 * Runs a check on very many inputs, each of which can be had again from two numbers.
 *
 * `RIVET_OTEL_FUZZ_SEED=123` repeats a whole run; `RIVET_OTEL_FUZZ_SEED=123:45` its case 45 alone.
 * There are few cases unless `RIVET_OTEL_PROPERTY_CASES` asks for many.
 */
import { expect, it } from 'vitest'
import { RivetOtelError, reasonOf } from '../../src/problem.js'
import { Random } from './random.js'

/** What a case tries: it throws where something is wrong. */
export type Attempt = (random: Random) => Case | Promise<Case>

/** What was tried, for a failure to show. */
export interface Case {
  /** In bytes, or in UTF-16 units of a text. */
  readonly size: number
}

const [SEED = Date.now() % 2 ** 31, ONLY] = (process.env.RIVET_OTEL_FUZZ_SEED ?? '')
  .split(':')
  .flatMap((text) => (text === '' ? [] : [Number(text)]))

/** So many property cases make a fuzz test run the cases that it has where nobody asks. */
const USUAL_PROPERTY_CASES = 40

/** Hangs are found with this, not slowness: a case takes a millisecond or so. */
const LONGEST_MS_PER_100_KB = 5000

/** How many cases a test runs that has `few` of them usually. */
export function fuzzCases(few: number): number {
  const asked = process.env.RIVET_OTEL_PROPERTY_CASES
  return asked === undefined ? few : Math.ceil((few * Number(asked)) / USUAL_PROPERTY_CASES)
}

/**
 * A test of so many cases, which its name says. Beside what the attempt checks, no case may change
 * the prototypes that all objects share, or take for ever.
 */
export function itWithstands(title: string, few: number, attempt: Attempt): void {
  const cases = fuzzCases(few)
  it(`${title} (${cases} cases)`, async () => {
    const shared = sharedNames()
    const first = ONLY ?? 0
    for (let i = first; i < (ONLY === undefined ? cases : first + 1); i++) {
      const began = performance.now()
      let size = 0
      try {
        size = (await attempt(new Random(SEED, i))).size
        expect(sharedNames()).toBe(shared)
      } catch (error) {
        throw new Error(`${again(i)}: ${reasonOf(error)}`, { cause: error })
      }
      const ms = performance.now() - began
      if (ms > LONGEST_MS_PER_100_KB * Math.max(1, size / 100_000))
        throw new Error(`${again(i)}: ${size} bytes took ${Math.round(ms)} ms`)
    }
  })
}

/** What an action gives; `undefined` where it refuses, which only an error of ours may do. */
export function tried<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    if (error instanceof RivetOtelError) return undefined
    throw error
  }
}

/** Like {@link tried}, for what takes its time. */
export async function triedSlowly<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action()
  } catch (error) {
    if (error instanceof RivetOtelError) return undefined
    throw error
  }
}

function again(i: number): string {
  return `case ${i}; RIVET_OTEL_FUZZ_SEED=${SEED}:${i} runs it again alone`
}

function sharedNames(): string {
  return [Object.prototype, Array.prototype, String.prototype, Function.prototype]
    .map((each) => Reflect.ownKeys(each).length)
    .join()
}
