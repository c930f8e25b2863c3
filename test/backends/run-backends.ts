/**
 * The real Jaeger, Tempo and OpenTelemetry collector for tests, as their makers ship them.
 *
 * Each runs on free ports of 127.0.0.1 with its data in a folder of its own, so that several run side
 * by side; none talks to anyone outside. Limits, buffers and flushes are the programs' defaults,
 * because what those do to a trace is what the tests are about; `config` overrides anything.
 * `build.mjs` builds the programs and tells whether they are there.
 */
import { isJsonObject, type JsonObject } from '../../src/json/lossless.js'
import { backendProgram } from './build.mjs'
import { type Ports, type RunningProgram, runProgram } from './running-program.js'

/** A backend that runs. But for `metrics`, addresses have no path and no slash at their end. */
export interface RunningBackend extends Omit<RunningProgram<string>, 'ports'> {
  /** Takes OTLP over HTTP: `/v1/traces` is to be added. */
  readonly otlpHttp: string
  /** Takes OTLP over gRPC. */
  readonly otlpGrpc: string
  /** Answers queries: Jaeger's `/api/v3/…` and `/api/…`, Tempo's `/api/v2/…` and `/api/…`. */
  readonly query: string
  /** The program's own metrics, as Prometheus reads them: the whole address. */
  readonly metrics: string
}

/** A collector that runs; it forwards what it takes and has nothing to query. */
export type RunningCollector = Omit<RunningBackend, 'query'>

/** How a backend is to run. */
export interface BackendOptions {
  /** Merged over the configuration of this file, in the program's own names. */
  readonly config?: JsonObject
}

/** How Tempo is to run. */
export interface TempoOptions extends BackendOptions {
  /** A whole configuration, of which only addresses and folders are replaced by those of this file. */
  readonly whole?: JsonObject
}

/** How Jaeger is to run. */
export interface JaegerOptions extends BackendOptions {
  /** Where it keeps traces: `badger` is on disk, in its folder. */
  readonly storage?: 'memory' | 'badger'
}

/**
 * Starts Jaeger, with everything in memory unless told otherwise, and with the batches of its own
 * all-in-one configuration.
 *
 * @throws {Error} with the end of its log where it does not become ready.
 * @example
 * const jaeger = await startJaeger()
 * await fetch(`${jaeger.query}/api/v3/traces/${traceId}`)
 * await jaeger.stop()
 */
export async function startJaeger({
  storage = 'memory',
  config = {},
}: JaegerOptions = {}): Promise<RunningBackend> {
  const { ports, ...program } = await runProgram({
    program: backendProgram('jaeger'),
    args: (file) => ['--config', file],
    uses: ['otlpHttp', 'otlpGrpc', 'query', 'queryGrpc', 'metrics', 'status'],
    config: (ports) => merged(jaegerConfig(ports, STORES[storage]), config),
    ready: ({ status }) => `${at(status)}/status`,
  })
  return {
    ...program,
    otlpHttp: at(ports.otlpHttp),
    otlpGrpc: at(ports.otlpGrpc),
    query: at(ports.query),
    metrics: `${at(ports.metrics)}/metrics`,
  }
}

const STORES = {
  memory: { memory: { max_traces: 100_000 } },
  badger: { badger: { ephemeral: false, directories: { keys: 'keys', values: 'values' } } },
}

function jaegerConfig(
  ports: Ports<'otlpHttp' | 'otlpGrpc' | 'query' | 'queryGrpc' | 'metrics' | 'status'>,
  store: JsonObject,
): JsonObject {
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query', 'healthcheckv2'],
      pipelines: {
        traces: {
          receivers: ['otlp'],
          processors: ['batch'],
          exporters: ['jaeger_storage_exporter'],
        },
      },
      telemetry: collectorTelemetry(ports),
    },
    extensions: {
      jaeger_query: {
        storage: { traces: 'store' },
        http: { endpoint: hostAndPort(ports.query) },
        grpc: { endpoint: hostAndPort(ports.queryGrpc) },
        // Else it sends traces of its own queries to localhost:4317, whoever listens there.
        enable_tracing: false,
      },
      jaeger_storage: { backends: { store } },
      healthcheckv2: { use_v2: true, http: { endpoint: hostAndPort(ports.status) } },
    },
    receivers: { otlp: otlpReceiver(ports) },
    processors: { batch: {} },
    exporters: { jaeger_storage_exporter: { trace_storage: 'store' } },
  }
}

/**
 * Starts Tempo as a single program that stores in its folder. A trace is found by its id at once, and
 * by search when Tempo's own time for that has passed.
 *
 * @throws {Error} with the end of its log where it does not become ready.
 * @example
 * const tempo = await startTempo({ config: { ingester: { trace_idle_period: '1s' } } })
 */
export async function startTempo({
  whole = {},
  config = {},
}: TempoOptions = {}): Promise<RunningBackend> {
  const { ports, ...program } = await runProgram({
    program: backendProgram('tempo'),
    args: (file) => [`-config.file=${file}`],
    uses: ['otlpHttp', 'otlpGrpc', 'query', 'grpc', 'gossip'],
    config: (ports, folder) => merged(merged(whole, tempoConfig(ports, folder)), config),
    ready: ({ query }) => `${at(query)}/ready`,
  })
  return {
    ...program,
    otlpHttp: at(ports.otlpHttp),
    otlpGrpc: at(ports.otlpGrpc),
    query: at(ports.query),
    metrics: `${at(ports.query)}/metrics`,
  }
}

function tempoConfig(
  ports: Ports<'otlpHttp' | 'otlpGrpc' | 'query' | 'grpc' | 'gossip'>,
  folder: string,
): JsonObject {
  const ring = { kvstore: { store: 'inmemory' }, instance_addr: HOST }
  return {
    usage_report: { reporting_enabled: false },
    server: {
      http_listen_address: HOST,
      http_listen_port: ports.query,
      grpc_listen_address: HOST,
      grpc_listen_port: ports.grpc,
    },
    memberlist: { bind_addr: [HOST], bind_port: ports.gossip },
    distributor: { ring, receivers: { otlp: otlpReceiver(ports) } },
    ingester: {
      lifecycler: {
        ring: { kvstore: { store: 'inmemory' }, replication_factor: 1 },
        address: HOST,
        // Only how long it waits before it says that it is ready.
        min_ready_duration: '0s',
      },
    },
    metrics_generator: { ring },
    querier: { frontend_worker: { frontend_address: hostAndPort(ports.grpc) } },
    storage: {
      trace: {
        backend: 'local',
        wal: { path: `${folder}/wal` },
        local: { path: `${folder}/blocks` },
      },
    },
  }
}

/**
 * Starts an OpenTelemetry collector that batches what it takes and forwards it over OTLP/HTTP. It is
 * the Jaeger program, which is a collector when its configuration says nothing of Jaeger.
 *
 * @param forwardTo the OTLP/HTTP address of a backend, without a path
 * @throws {Error} with the end of its log where it does not become ready.
 * @example
 * const collector = await startCollector({ forwardTo: tempo.otlpHttp })
 */
export async function startCollector({
  forwardTo,
  config = {},
}: BackendOptions & { readonly forwardTo: string }): Promise<RunningCollector> {
  const { ports, ...program } = await runProgram({
    program: backendProgram('jaeger'),
    args: (file) => ['--config', file],
    uses: ['otlpHttp', 'otlpGrpc', 'metrics', 'status'],
    config: (ports) => merged(collectorConfig(ports, forwardTo), config),
    ready: ({ status }) => `${at(status)}/status`,
  })
  return {
    ...program,
    otlpHttp: at(ports.otlpHttp),
    otlpGrpc: at(ports.otlpGrpc),
    metrics: `${at(ports.metrics)}/metrics`,
  }
}

function collectorConfig(
  ports: Ports<'otlpHttp' | 'otlpGrpc' | 'metrics' | 'status'>,
  forwardTo: string,
): JsonObject {
  return {
    service: {
      extensions: ['healthcheckv2'],
      pipelines: {
        traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['otlphttp'] },
      },
      telemetry: collectorTelemetry(ports),
    },
    extensions: { healthcheckv2: { use_v2: true, http: { endpoint: hostAndPort(ports.status) } } },
    receivers: { otlp: otlpReceiver(ports) },
    processors: { batch: {} },
    exporters: { otlphttp: { endpoint: forwardTo } },
  }
}

const HOST = '127.0.0.1'

function otlpReceiver({ otlpHttp, otlpGrpc }: Ports<'otlpHttp' | 'otlpGrpc'>): JsonObject {
  return {
    protocols: {
      http: { endpoint: hostAndPort(otlpHttp) },
      grpc: { endpoint: hostAndPort(otlpGrpc) },
    },
  }
}

function collectorTelemetry({ metrics: port }: Ports<'metrics'>): JsonObject {
  const prometheus = { host: HOST, port }
  return { metrics: { level: 'detailed', readers: [{ pull: { exporter: { prometheus } } }] } }
}

function at(port: number): string {
  return `http://${hostAndPort(port)}`
}

function hostAndPort(port: number): string {
  return `${HOST}:${port}`
}

/** Members of objects are merged, anything else is replaced. */
function merged(config: JsonObject, over: JsonObject): JsonObject {
  const result = { ...config }
  for (const [name, value] of Object.entries(over)) {
    const known = result[name]
    result[name] = isJsonObject(known) && isJsonObject(value) ? merged(known, value) : value
  }
  return result
}
