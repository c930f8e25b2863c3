/**
 * The OTLP/HTTP receiver of `serve`: what is posted to `/v1/traces` goes into a file of OTLP JSON lines.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SpanItem } from '../../backends/backend.js'

/** How much a receiver takes upon itself. */
export interface ReceiverLimits {
  /** The most bytes of one request, as sent and after decompression. */
  readonly bodyBytes: number
  /** The most bytes of requests that wait or come in at one time; beyond, senders are asked to wait. */
  readonly queueBytes: number
  /** How long one request may take to come in, in ms. */
  readonly bodyMs: number
}

/** What a receiver is opened with. */
export interface ReceiverOptions {
  /** The file; it is made with its first line. */
  readonly file: string
  readonly limits?: Partial<ReceiverLimits>
  /** Told of what goes wrong and of damage that was mended, one sentence each. */
  readonly say: (message: string) => void
}

/** A run of which spans came. */
export interface ReceivedRun {
  readonly namespace: string
  readonly runId: string
}

/** A receiver that is open. */
export interface Receiver {
  /** The file. */
  readonly location: string
  /** Answers a request to `/v1/…`, whatever its method and path; never throws. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Tells which runs got spans that the file lacked, once they are on the disk; gives back how to stop it. */
  onRuns(listener: (runs: readonly ReceivedRun[]) => void): () => void
  /** Everything that the file holds, read anew. */
  spans(): AsyncIterable<SpanItem>
  /** Keeps what came in whole, then lets go of the file. */
  close(): Promise<void>
}

/**
 * Opens a receiver.
 *
 * @throws {RivetOtelError} `INVALID_SOURCE` where the file is something else, `UNWRITABLE` where it
 *   cannot be written.
 * @example
 * const receiver = await openReceiver({ file: 'rivet-traces.otlp.jsonl', say: console.error })
 * createServer((request, response) => void receiver.handle(request, response))
 */
export async function openReceiver(_options: ReceiverOptions): Promise<Receiver> {
  throw new Error('not there yet')
}
