/** The deployed configurations, each in the real program that it is for, on free ports of 127.0.0.1. */
import { setTimeout as delay } from 'node:timers/promises'
import { backendProgram } from '../backends/build.mjs'
import { type RunningBackend, startTempo, type TempoOptions } from '../backends/run-backends.js'
import { type RunningProgram, runProgram } from '../backends/running-program.js'
import { contentOf, pathOf } from './deployed-files.js'

const HOST = '127.0.0.1'
const at = (port: number) => `http://${HOST}:${port}`

/** A collector that runs with `otel-collector.yaml`. Addresses are without a path. */
export interface DeployedCollector extends RunningProgram<string> {
  readonly otlpHttp: string
  readonly otlpGrpc: string
  /** What it counted of runs and chunks, as Prometheus reads it. */
  runMetrics(): Promise<string>
}

/** Starts `otel-collector.yaml` as it is, in front of two backends. */
export async function startDeployedCollector(backends: {
  readonly jaeger: string
  readonly tempo: string
}): Promise<DeployedCollector> {
  const program = await runProgram({
    program: backendProgram('jaeger'),
    args: () => ['--config', pathOf('otel-collector.yaml')],
    uses: ['otlpHttp', 'otlpGrpc', 'runMetrics', 'self'],
    config: () => ({}),
    env: ({ otlpHttp, otlpGrpc, runMetrics, self }) => ({
      JAEGER_ENDPOINT: backends.jaeger,
      TEMPO_ENDPOINT: backends.tempo,
      LISTEN_OTLP_HTTP: `${HOST}:${otlpHttp}`,
      LISTEN_OTLP_GRPC: `${HOST}:${otlpGrpc}`,
      LISTEN_RUN_METRICS: `${HOST}:${runMetrics}`,
      LISTEN_SELF_PORT: String(self),
    }),
    // It listens here before it takes traces.
    ready: ({ runMetrics }) => `${at(runMetrics)}/metrics`,
  })
  const { ports } = program
  await untilListening(`${at(ports.otlpHttp)}/v1/traces`, program)
  return {
    ...program,
    otlpHttp: at(ports.otlpHttp),
    otlpGrpc: at(ports.otlpGrpc),
    runMetrics: async () => {
      // Only this format has exemplars.
      const headers = { accept: 'application/openmetrics-text' }
      return (await fetch(`${at(ports.runMetrics)}/metrics`, { headers })).text()
    },
  }
}

/** Starts the Jaeger of docker-compose.yml; only its addresses and folders are others. */
export async function startDeployedJaeger(): Promise<RunningBackend> {
  const { ports, ...program } = await runProgram({
    program: backendProgram('jaeger'),
    args: (file) => ['--config', pathOf('examples/compose/jaeger.yaml'), '--config', file],
    uses: ['otlpHttp', 'otlpGrpc', 'query', 'queryGrpc', 'self', 'health'],
    config: ({ otlpHttp, otlpGrpc, query, queryGrpc, self, health }, folder) => ({
      receivers: {
        otlp: {
          protocols: {
            http: { endpoint: `${HOST}:${otlpHttp}` },
            grpc: { endpoint: `${HOST}:${otlpGrpc}` },
          },
        },
      },
      extensions: {
        jaeger_query: {
          http: { endpoint: `${HOST}:${query}` },
          grpc: { endpoint: `${HOST}:${queryGrpc}` },
        },
        healthcheckv2: { http: { endpoint: `${HOST}:${health}` } },
        jaeger_storage: {
          backends: {
            runs: {
              badger: { directories: { keys: `${folder}/keys`, values: `${folder}/values` } },
            },
          },
        },
      },
      service: {
        telemetry: {
          metrics: {
            readers: [{ pull: { exporter: { prometheus: { host: HOST, port: self } } } }],
          },
        },
      },
    }),
    ready: ({ health }) => `${at(health)}/status`,
  })
  return {
    ...program,
    otlpHttp: at(ports.otlpHttp),
    otlpGrpc: at(ports.otlpGrpc),
    query: at(ports.query),
    metrics: `${at(ports.self)}/metrics`,
  }
}

/** Starts the Tempo of docker-compose.yml; only its addresses and folders are others. */
export function startDeployedTempo(options: Pick<TempoOptions, 'config'> = {}) {
  return startTempo({ ...options, whole: contentOf('examples/compose/tempo.yaml') })
}

async function untilListening(url: string, { log }: RunningProgram<string>): Promise<void> {
  for (let left = 200; left > 0; left--) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    )
    if (answered) return
    await delay(50)
  }
  throw new Error(`nothing listens at ${url}\n${log().slice(-2000)}`)
}
