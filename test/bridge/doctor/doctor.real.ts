import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Check, Diagnosis, Finding } from '../../../src/bridge/doctor/findings.js'
import { type DoctorOptions, doctor } from '../../../src/cli/commands/doctor.js'
import { isJsonObject, parseJson } from '../../../src/json/lossless.js'
import { backendsAvailable } from '../../backends/build.mjs'
import {
  type RunningBackend,
  startCollector,
  startJaeger,
  startTempo,
} from '../../backends/run-backends.js'
import { recordedTerminal } from './terminal.js'

/** Runs the command and gives what it found, with its exit code. */
async function examined(
  options: DoctorOptions,
): Promise<{ code: number; diagnosis: Diagnosis; of: (check: Check) => Finding | undefined }> {
  if (process.env.SHOW_DOCTOR) {
    const shown = recordedTerminal()
    await doctor(options, shown)
    console.log(shown.stdout(), shown.stderr())
  }
  const terminal = recordedTerminal()
  const code = await doctor({ ...options, json: true }, terminal)
  const diagnosis = JSON.parse(terminal.stdout()) as Diagnosis
  return { code, diagnosis, of: (check) => diagnosis.findings.find((f) => f.check === check) }
}

/** No mark that says that runs suffer. */
function bad({ findings }: Diagnosis): Finding[] {
  return findings.filter(({ mark }) => mark === 'bad')
}

describe.skipIf(!backendsAvailable())('doctor of a real Tempo as it comes', () => {
  let tempo: RunningBackend
  beforeAll(async () => {
    tempo = await startTempo()
  })
  afterAll(() => tempo?.stop())

  it('finds that it cuts texts at 2,048 bytes and that runs come back exact', async () => {
    const { code, diagnosis, of } = await examined({
      to: tempo.otlpHttp,
      in: `tempo+${tempo.query}`,
      wait: '2s',
    })
    expect(bad(diagnosis)).toEqual([])
    expect(code).toBe(0)
    expect(diagnosis.verdict).toBe('exact')
    expect(of('program')?.sentence).toContain('It is a Tempo')
    expect(of('limits')?.sentence).toContain('a trace 5000000 bytes')
    expect(of('long text')?.mark).toBe('limited')
    expect(of('long text')?.sentence).toContain('4096 bytes become 2048')
    for (const check of ['integers', 'nanoseconds', 'events', 'page', 'burst', 'old run', 'run'])
      expect(of(check as Check)?.mark, check).toBe('ok')
    expect(of('search')?.mark).toBe('limited')
    expect(of('discarded')?.mark).toBe('ok')
  })

  it('finds that nothing comes back where it reads from another place than it sends to', async () => {
    const other = await startJaeger()
    try {
      const { code, of } = await examined({
        to: other.otlpHttp,
        in: `tempo+${tempo.query}`,
        wait: '1s',
        burst: '0',
      })
      expect(code).toBe(1)
      expect(of('run')?.sentence).toContain('nothing of it came back')
      expect(of('run')?.fixes[0]).toContain('--in is where --to leads to')
    } finally {
      await other.stop()
    }
  })
})

describe.skipIf(!backendsAvailable())(
  'doctor of a real Tempo with limits that are too small',
  () => {
    it('names the setting for the size of a trace', async () => {
      const tempo = await startTempo({
        config: { overrides: { defaults: { global: { max_bytes_per_trace: 500_000 } } } },
      })
      try {
        const { code, diagnosis, of } = await examined({
          to: tempo.otlpHttp,
          in: `tempo+${tempo.query}`,
          wait: '1s',
        })
        expect(code).toBe(1)
        expect(of('limits')?.sentence).toContain('a trace 500000 bytes')
        expect(of('page')?.mark).toBe('bad')
        expect(of('page')?.fixes[0]).toContain('overrides.defaults.global.max_bytes_per_trace')
        expect(of('run')?.mark).toBe('bad')
        expect(of('discarded')?.sentence).toMatch(/\d+ trace_too_large/)
        expect(diagnosis.conclusion[0]).toBe('Runs would be lost or changed: page, run.')
      } finally {
        await tempo.stop()
      }
    })

    it('names the setting for live traces, and for texts', async () => {
      const tempo = await startTempo({
        config: {
          distributor: { max_attribute_bytes: 1000 },
          overrides: { defaults: { ingestion: { max_traces_per_user: 100 } } },
        },
      })
      try {
        const { code, of } = await examined({
          to: tempo.otlpHttp,
          in: `tempo+${tempo.query}`,
          wait: '1s',
        })
        expect(code).toBe(1)
        expect(of('long text')?.mark).toBe('bad')
        expect(of('long text')?.sentence).toContain('2048 bytes become 1000')
        expect(of('long text')?.fixes[0]).toContain('distributor.max_attribute_bytes')
        expect(of('burst')?.mark).toBe('bad')
        expect(of('burst')?.fixes[0]).toContain('overrides.defaults.ingestion.max_traces_per_user')
        expect(of('discarded')?.sentence).toContain('live_traces_exceeded')
      } finally {
        await tempo.stop()
      }
    })
  },
)

describe.skipIf(!backendsAvailable())('doctor of a real Tempo with other settings', () => {
  it('finds nothing cut where the settings that it names are raised', async () => {
    const tempo = await startTempo({
      config: {
        distributor: { max_attribute_bytes: 200_000 },
        // The older format, which has no `defaults`.
        overrides: { max_bytes_per_trace: 8_000_000, max_traces_per_user: 20_000 },
      },
    })
    try {
      const there = { to: tempo.otlpHttp, in: `tempo+${tempo.query}`, wait: '1s' }
      const { code, of } = await examined(there)
      expect(code).toBe(0)
      expect(of('long text')?.mark).toBe('ok')
      expect(of('limits')?.sentence).toContain(
        'texts 200000 bytes, a trace 8000000 bytes, live traces 20000',
      )
    } finally {
      await tempo.stop()
    }
  })

  it('asks for the tenant where there are tenants', async () => {
    const tempo = await startTempo({ config: { multitenancy_enabled: true } })
    try {
      const there = { to: tempo.otlpHttp, in: `tempo+${tempo.query}`, wait: '1s', burst: '10' }
      const without = await examined(there)
      expect(without.code).toBe(3)
      expect(without.of('sending')?.fixes[0]).toContain('--tenant')
      expect(without.of('reading')?.fixes[0]).toContain('--tenant')
      expect((await examined({ ...there, tenant: 'etl' })).code).toBe(0)
      const reading = await examined({ in: there.in, tenant: 'etl' })
      expect(reading.code).toBe(0)
    } finally {
      await tempo.stop()
    }
  })

  it('says how often it was asked to wait, and that what was refused got there', async () => {
    const tempo = await startTempo({
      config: {
        distributor: { retry_after_on_resource_exhausted: '1s' },
        overrides: {
          defaults: { ingestion: { rate_limit_bytes: 3_000_000, burst_size_bytes: 5_000_000 } },
        },
      },
    })
    try {
      const there = { to: tempo.otlpHttp, in: `tempo+${tempo.query}`, wait: '1s', burst: '10' }
      const { code, of } = await examined(there)
      expect(code).toBe(0)
      expect(of('limits')?.sentence).toContain('Retry-After 1s')
      expect(of('waiting')?.sentence).toContain('answered 429')
      expect(of('discarded')?.sentence).toContain('rate_limited')
    } finally {
      await tempo.stop()
    }
  })
})

describe.skipIf(!backendsAvailable())('doctor of a real Jaeger', () => {
  let jaeger: RunningBackend
  beforeAll(async () => {
    jaeger = await startJaeger()
  })
  afterAll(() => jaeger?.stop())

  it('finds nothing wrong, twice', async () => {
    for (const protocol of ['http/protobuf', 'http/json']) {
      const { code, diagnosis, of } = await examined({
        to: jaeger.otlpHttp,
        in: `jaeger+${jaeger.query}`,
        wait: '5s',
        protocol,
        compression: 'gzip',
      })
      expect(bad(diagnosis)).toEqual([])
      expect(code).toBe(0)
      expect(of('program')?.sentence).toContain('It is a Jaeger')
      expect(of('long text')?.mark).toBe('ok')
      expect(of('search')?.mark).toBe('ok')
      expect(of('run')?.mark).toBe('ok')
    }
  })

  it('sends nothing that is taken for a run of the user, or that is of his service', async () => {
    const services = await fetch(`${jaeger.query}/api/services`)
    const answer = parseJson(await services.text())
    expect(isJsonObject(answer) ? answer.data : undefined).toEqual(['rivet-otel-doctor'])
  })

  it('names the setting for how many traces a Jaeger in memory keeps', async () => {
    const memory = { max_traces: 100 }
    const small = await startJaeger({
      config: { extensions: { jaeger_storage: { backends: { store: { memory } } } } },
    })
    try {
      const there = { to: small.otlpHttp, in: `jaeger+${small.query}`, wait: '1s' }
      const { code, of } = await examined(there)
      expect(code).toBe(1)
      expect(of('burst')?.sentence).toMatch(/sent at once (9\d|100) come back/)
      expect(of('burst')?.fixes[0]).toContain('memory.max_traces')
      expect((await examined({ ...there, burst: '50' })).code).toBe(0)
    } finally {
      await small.stop()
    }
  })

  it('says which requests a collector on the way takes', async () => {
    const limit = { protocols: { http: { max_request_body_size: 600_000 } } }
    const collector = await startCollector({
      forwardTo: jaeger.otlpHttp,
      config: { receivers: { otlp: limit } },
    })
    try {
      const there = {
        to: collector.otlpHttp,
        in: `jaeger+${jaeger.query}`,
        wait: '3s',
        burst: '50',
      }
      const { code, of } = await examined(there)
      expect(code).toBe(0)
      expect(of('requests')?.sentence).toMatch(/too large there.* --max-request-bytes \d+ makes/)
      expect(of('requests')?.fixes[0]).toContain('max_request_body_size')
      const small = await examined({ ...there, maxRequestBytes: '500000' })
      expect([small.code, small.of('requests')]).toEqual([0, undefined])
    } finally {
      await collector.stop()
    }
  })

  it('proves nothing where it cannot read back', async () => {
    const { code, diagnosis, of } = await examined({ to: jaeger.otlpHttp })
    expect(code).toBe(0)
    expect(diagnosis.verdict).toBe('accepted')
    expect(diagnosis.conclusion[0]).toContain('proves nothing beyond acceptance')
    expect(of('run')?.mark).toBe('unknown')
  })

  it('tells what it is where nothing is sent', async () => {
    const { code, diagnosis } = await examined({ in: `jaeger+${jaeger.query}` })
    expect(code).toBe(0)
    expect(diagnosis.verdict).toBe('readable')
  })

  it('says of a Jaeger that is asked as a Tempo that this is none', async () => {
    const { code, of } = await examined({ in: `tempo+${jaeger.query}` })
    expect([code, of('reading')?.mark]).toEqual([3, 'bad'])
  })
})
