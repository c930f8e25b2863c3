import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { afterEach } from 'vitest'
import { openOtlpFile } from '../../src/delivery/otlp-file.js'
import type { OtlpFlags } from '../../src/delivery/otlp-flags.js'
import { openOtlpHttp } from '../../src/delivery/otlp-http.js'
import { deliverThrough } from '../../src/delivery/span-exporter.js'
import { type DeliveryUnderTest, describeDelivery } from '../contracts/delivery-contract.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { newFile, spansInFile } from './otlp-files.js'
import { target } from './target.js'

const receivers: OtlpReceiver[] = []

afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close()
})

async function startReceiver(): Promise<OtlpReceiver> {
  const receiver = await OtlpReceiver.start()
  receivers.push(receiver)
  return receiver
}

function overHttp(flags: OtlpFlags): () => Promise<DeliveryUnderTest> {
  return async () => {
    const receiver = await startReceiver()
    const settings = target(receiver.url, { maxRequestBytes: 30_000, ...flags })
    return { delivery: openOtlpHttp(settings), received: async () => receiver.taken }
  }
}

const httpLimits = { cannotTellWhatIsThere: 'OTLP has no way to ask' }

for (const protocol of ['http/protobuf', 'http/json']) {
  for (const compression of ['none', 'gzip']) {
    describeDelivery(
      `OTLP over ${protocol} with compression ${compression}`,
      overHttp({ protocol, compression }),
      httpLimits,
    )
  }
}

describeDelivery('OTLP over HTTP, one request at a time', overHttp({ concurrency: 1 }), httpLimits)

describeDelivery('a file of OTLP JSON lines', async () => {
  const path = newFile()
  return { delivery: await openOtlpFile(path), received: async () => spansInFile(path) }
})

describeDelivery(
  "the SDK's exporter of OTLP over http/protobuf",
  async () => {
    const receiver = await startReceiver()
    const exporter = new ProtobufExporter({ url: `${receiver.url}/v1/traces` })
    return { delivery: deliverThrough(exporter), received: async () => receiver.taken }
  },
  { cannotTellWhatIsThere: 'an exporter only sends' },
)

describeDelivery(
  "the SDK's exporter of OTLP over http/json",
  async () => {
    const receiver = await startReceiver()
    const exporter = new JsonExporter({ url: `${receiver.url}/v1/traces` })
    return { delivery: deliverThrough(exporter), received: async () => receiver.taken }
  },
  { cannotTellWhatIsThere: 'an exporter only sends' },
)
