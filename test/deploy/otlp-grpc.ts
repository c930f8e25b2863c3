/** One OTLP request over gRPC without TLS, for tests: it is HTTP/2, a prefix of five bytes, and a status at the end. */
import { once } from 'node:events'
import { connect } from 'node:http2'
import { encodeResourceSpansProtobuf } from '../../src/trace/otlp-protobuf.js'
import type { Trace } from '../../src/trace/trace.js'

const METHOD = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const PREFIX_BYTES = 5

/** Sends a trace, and gives gRPC's status: `0` is done. */
export async function sendTraceOverGrpc(trace: Trace, address: string): Promise<string> {
  const session = connect(address)
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': METHOD,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    let status: unknown
    const note = (headers: Readonly<Record<string, unknown>>) => {
      status = headers['grpc-status'] ?? status
    }
    // Where nothing else is said, the status comes with the headers.
    stream.on('response', note).on('trailers', note).resume()
    stream.end(withPrefix(encodeResourceSpansProtobuf(trace)))
    await once(stream, 'close')
    return String(status)
  } finally {
    session.close()
  }
}

function withPrefix(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}
