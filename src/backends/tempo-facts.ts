/**
 * What a Tempo says about itself: which version it is, the limits of its configuration, and what it
 * has discarded.
 *
 * It may say nothing: a gateway or a vendor shows its query API alone. It is no measurement either:
 * a tenant may have limits of its own, which the configuration does not show.
 */
import { openHttpClient } from '../http/http-client.js'
import { quotable } from '../http/server-words.js'
import { urlBelow } from './backend-client.js'
import type { BackendSettings } from './backend-settings.js'

/** What a Tempo says about itself; what is absent it does not say. */
export interface TempoFacts {
  /** Whether what answers is a Tempo. */
  readonly isTempo: boolean
  /** `2.8.1`; absent where it was built without one. */
  readonly version?: string
  /** Absent where it does not show its configuration. */
  readonly limits?: ConfiguredLimits
  /** Spans that it has dropped since it started, by reason; absent where it shows no metrics. */
  readonly discarded?: ReadonlyMap<string, number>
}

/** The limits of a Tempo's configuration that matter to runs; 0 is no limit. */
export interface ConfiguredLimits {
  /** Longer texts are cut. */
  readonly maxAttributeBytes?: number
  /** What passes it is dropped. */
  readonly maxBytesPerTrace?: number
  /** Live traces beyond it are dropped. */
  readonly maxTracesPerUser?: number
  /** What is sent in one go beyond it is refused. */
  readonly burstSizeBytes?: number
  /** The longest window of a search, in Go's spelling: `168h0m0s`. */
  readonly searchMaxDuration?: string
  /** What it tells a client to wait that sends too much, in Go's spelling; `0s` is nothing. */
  readonly retryAfter?: string
}

/** Its configuration has about 25 kB, its metrics about 200 kB. */
const MAX_ANSWER_BYTES = 8_000_000
/** The labels apart from what is looked for in them, so that a line is read in one go however long it is. */
const DISCARDED = /^tempo_discarded_spans_total\{([^}\n]*)\} (\S+)$/gm
const REASON = /(?:^|,)reason="(\w{1,50})"/

/**
 * Asks a Tempo about itself. What it does not tell is absent; nothing is thrown.
 *
 * @example
 * (await askTempo(settings)).limits?.maxBytesPerTrace // 5000000
 */
export async function askTempo(settings: BackendSettings): Promise<TempoFacts> {
  const client = openHttpClient(settings)
  const ask = async (path: string): Promise<string | undefined> => {
    const url = urlBelow(settings.url, path)
    const answer = await client.send({ method: 'GET', url, maxAnswerBytes: MAX_ANSWER_BYTES })
    if (answer.kind !== 'answered' || answer.status !== 200 || answer.isCutOff) return undefined
    return Buffer.from(answer.body).toString()
  }
  try {
    const [build, echo, config, metrics] = await Promise.all(
      ['/api/status/buildinfo', '/api/echo', '/status/config', '/metrics'].map(ask),
    )
    const version = versionOf(build)
    const discarded = discardedOf(metrics)
    const limits = config === undefined ? undefined : readTempoLimits(config)
    return {
      isTempo: echo?.trim() === 'echo' || (version !== undefined && limits !== undefined),
      ...(version && { version: quotable(version, settings, 60) }),
      ...(limits && { limits }),
      ...(discarded && { discarded }),
    }
  } finally {
    client.close()
  }
}

function versionOf(build: string | undefined): string | undefined {
  try {
    const { version } = JSON.parse(build ?? 'null') ?? {}
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}

function discardedOf(metrics: string | undefined): Map<string, number> | undefined {
  if (metrics === undefined || !metrics.includes('\n# TYPE tempo_')) return undefined
  const byReason = new Map<string, number>()
  for (const [, labels = '', count] of metrics.matchAll(DISCARDED)) {
    const reason = REASON.exec(labels)?.[1]
    if (reason !== undefined) byReason.set(reason, (byReason.get(reason) ?? 0) + Number(count))
  }
  return byReason
}

/** Each limit under its names, today's first. */
const NAMES = {
  maxAttributeBytes: [
    'overrides.defaults.ingestion.max_attribute_bytes',
    'overrides.ingestion_max_attribute_bytes',
    'distributor.max_attribute_bytes',
    'distributor.max_span_attr_byte',
  ],
  maxBytesPerTrace: [
    'overrides.defaults.global.max_bytes_per_trace',
    'overrides.max_bytes_per_trace',
  ],
  maxTracesPerUser: [
    'overrides.defaults.ingestion.max_traces_per_user',
    'overrides.max_traces_per_user',
  ],
  burstSizeBytes: [
    'overrides.defaults.ingestion.burst_size_bytes',
    'overrides.ingestion_burst_size_bytes',
  ],
  searchMaxDuration: [
    'overrides.defaults.read.max_search_duration',
    'overrides.max_search_duration',
    'query_frontend.search.max_duration',
  ],
  retryAfter: ['distributor.retry_after_on_resource_exhausted'],
} as const

/**
 * Reads the limits in what `/status/config` answers; `undefined` where that is no configuration of a
 * Tempo.
 *
 * It is no reader of YAML: it follows the block style that Tempo writes, one `key: value` a line,
 * nested by indentation, and takes nothing but these few numbers and durations.
 *
 * @example
 * readTempoLimits('distributor:\n    max_attribute_bytes: 2048\n') // { maxAttributeBytes: 2048 }
 */
export function readTempoLimits(config: string): ConfiguredLimits | undefined {
  const settings = scalarsOf(config)
  const pick = (names: readonly string[], shape: RegExp) =>
    names.map((name) => settings.get(name)).find((text) => text !== undefined && shape.test(text))
  const number = (names: readonly string[], shape = /^\d{1,15}$/) => {
    const text = pick(names, shape)
    return text === undefined ? undefined : Number(text)
  }
  const limits = Object.entries({
    // 0 means that this level says nothing.
    maxAttributeBytes: number(NAMES.maxAttributeBytes, /^[1-9]\d{0,14}$/),
    maxBytesPerTrace: number(NAMES.maxBytesPerTrace),
    maxTracesPerUser: number(NAMES.maxTracesPerUser),
    burstSizeBytes: number(NAMES.burstSizeBytes),
    searchMaxDuration: pick(NAMES.searchMaxDuration, DURATION_ABOVE_ZERO),
    retryAfter: pick(NAMES.retryAfter, DURATION),
  }).filter(([, value]) => value !== undefined)
  return limits.length === 0 ? undefined : Object.fromEntries(limits)
}

const DURATION_ABOVE_ZERO = /^(?=.*[1-9])(\d{1,9}(\.\d{1,9})?(ns|us|µs|ms|s|m|h|d|w))+$/
const DURATION = /^(\d{1,9}(\.\d{1,9})?(ns|us|µs|ms|s|m|h|d|w))+$/
const LINE = /^( *)([\w-]{1,100}):(?: (.{1,100}))?$/

/** Every `a.b.c` with a value on its line. */
function scalarsOf(config: string): Map<string, string> {
  const scalars = new Map<string, string>()
  const open: { readonly indent: number; readonly path: string }[] = []
  for (const line of config.split(/\r?\n/)) {
    const [, spaces = '', key, value] = LINE.exec(line) ?? []
    if (key === undefined) continue
    while ((open.at(-1)?.indent ?? -1) >= spaces.length) open.pop()
    const parent = open.at(-1)?.path
    const path = parent === undefined ? key : `${parent}.${key}`
    if (value === undefined) open.push({ indent: spaces.length, path })
    else scalars.set(path, value.trim())
  }
  return scalars
}
