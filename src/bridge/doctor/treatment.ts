/** What is sent in one examination: built before anything is sent, so that it can be told first. */
import { settingOfFlag, wholeNumber } from '../../http/setting.js'
import { encodeResourceSpansProtobuf } from '../../trace/otlp-protobuf.js'
import type { Trace } from '../../trace/trace.js'
import {
  burstProbes,
  eventsProbe,
  type Probe,
  type ProbeSeed,
  pageProbe,
  textProbe,
  valuesProbe,
} from './probes.js'
import { OLD_RUN_DAYS, oldRun, type SyntheticRun, syntheticRun } from './synthetic-run.js'

/** Everything that one examination sends. */
export interface Treatment {
  readonly values: Probe
  readonly text: Probe
  readonly events: Probe
  readonly page: Probe
  readonly run: SyntheticRun
  readonly old: SyntheticRun
  /** None where a burst would prove nothing. */
  readonly burst: readonly Probe[]
}

/** What one kind of probe comes to. */
export interface Portion {
  readonly title: string
  readonly traces: number
  readonly spans: number
  /** In protobuf, before compression. */
  readonly bytes: number
}

/**
 * Enough to see a limit that an export of some weeks would pass, and no more: a Tempo drops what
 * passes 10,000 live traces of everyone and answers 200, and a Jaeger in memory lets go of the oldest.
 */
const BURST = 500
const MOST_BURST = 100_000

/**
 * How many traces are sent at once, from the flag; 500 where it does not say.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where it is no number of traces.
 * @example
 * burstOf('20') // 20
 */
export function burstOf(flag: string | undefined): number {
  const range = { what: 'traces', least: 0, most: MOST_BURST, otherwise: BURST }
  return wholeNumber(settingOfFlag(flag, '--burst'), range)
}

/**
 * Builds what is to be sent.
 *
 * @param burst how many traces are sent at once; 0 is none
 * @example
 * treatment({ nowUnixNano, randomHex }, 500).burst.length // 500
 */
export function treatment(seed: ProbeSeed, burst: number): Treatment {
  return {
    values: valuesProbe(seed),
    text: textProbe(seed),
    events: eventsProbe(seed),
    page: pageProbe(seed),
    run: syntheticRun(seed),
    old: oldRun(seed),
    burst: burstProbes(seed, burst),
  }
}

/**
 * What a treatment comes to, in the order in which it is sent.
 *
 * @example
 * portionsOf(treatment(seed, 500)).at(-1)?.traces // 500
 */
export function portionsOf({ values, text, events, page, run, old, burst }: Treatment): Portion[] {
  const single = [values, text, events, page].map(({ title, trace }) => portion(title, [trace]))
  return [
    ...single,
    portion('synthetic run that ended just now', tracesOf(run)),
    portion(`synthetic run that ended ${OLD_RUN_DAYS} days ago`, tracesOf(old)),
    ...(burst.length === 0
      ? []
      : [
          portion(
            'burst of traces',
            burst.map(({ trace }) => trace),
          ),
        ]),
  ]
}

function tracesOf({ pages }: SyntheticRun): Trace[] {
  return pages.map(({ trace }) => trace)
}

function portion(title: string, traces: readonly Trace[]): Portion {
  let spans = 0
  let bytes = 0
  for (const trace of traces) {
    spans += trace.spans.length
    bytes += encodeResourceSpansProtobuf(trace).byteLength
  }
  return { title, traces: traces.length, spans, bytes }
}
