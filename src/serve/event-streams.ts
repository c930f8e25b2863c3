/**
 * What is new, to everybody who looks: server-sent events, as the HTML standard has them.
 *
 * A reader that does not keep up is dropped, and asks anew; nothing is kept for it without end.
 */
import type { ServerResponse } from 'node:http'
import { EVERYWHERE } from './answer.js'

/** An event. */
export interface StreamEvent {
  readonly event: string
  /** As JSON. */
  readonly data: unknown
}

/** Each costs a connection, and what is not read of it yet. */
export const MOST_STREAMS = 32
/** What may wait for one reader, in bytes. */
export const MOST_WAITING = 1024 * 1024
const COMMENT_EVERY_MS = 15_000

/**
 * The streams that are open.
 *
 * @example
 * const streams = new EventStreams()
 * if (streams.hasRoom) streams.add(response)
 * streams.send({ event: 'run', data: summary })
 */
export class EventStreams {
  readonly #streams = new Set<ServerResponse>()
  readonly #timer = setInterval(() => this.#write(': still here\n\n'), COMMENT_EVERY_MS).unref()

  /** How many there are. */
  get count(): number {
    return this.#streams.size
  }

  /** Whether one more is taken. */
  get hasRoom(): boolean {
    return this.#streams.size < MOST_STREAMS
  }

  /** Takes one; it stays until its reader goes, or falls behind. */
  add(response: ServerResponse): void {
    response.writeHead(200, { ...EVERYWHERE, 'content-type': 'text/event-stream' })
    this.#streams.add(response)
    response.once('close', () => this.#streams.delete(response))
    response.on('error', () => {})
    response.write('retry: 2000\n\n')
  }

  /** Tells everybody. */
  send({ event, data }: StreamEvent): void {
    if (this.#streams.size > 0) this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  /** Ends all of them. */
  close(): void {
    clearInterval(this.#timer)
    for (const stream of this.#streams) stream.destroy()
  }

  #write(text: string): void {
    for (const stream of this.#streams) {
      if (stream.writableLength > MOST_WAITING) stream.destroy()
      else stream.write(text)
    }
  }
}
