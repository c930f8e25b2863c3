/**
 * What is new, to everybody who looks: server-sent events, as the HTML standard has them.
 *
 * A reader that does not keep up is dropped, and asks anew; nothing is kept for it without end. Of much
 * at once a part is written in each turn, so that who does keep up stays.
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
/** What is written in one turn, in UTF-16 code units. */
const AT_ONCE = 64 * 1024
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
  /** What is not written yet, in order. */
  #waiting: StreamEvent[] = []
  #turn: NodeJS.Immediate | undefined
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

  /** Tells everybody, in order and in a moment. */
  send(event: StreamEvent): void {
    if (this.#streams.size === 0) return
    this.#waiting.push(event)
    this.#turn ??= setImmediate(() => this.#writeSome())
  }

  /** Ends all of them. */
  close(): void {
    clearInterval(this.#timer)
    clearImmediate(this.#turn)
    for (const stream of this.#streams) stream.destroy()
  }

  #writeSome(): void {
    let text = ''
    let count = 0
    for (const { event, data } of this.#waiting) {
      if (text.length >= AT_ONCE) break
      text += `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
      count++
    }
    this.#waiting = this.#waiting.slice(count)
    this.#write(text)
    this.#turn = this.#waiting.length > 0 ? setImmediate(() => this.#writeSome()) : undefined
  }

  #write(text: string): void {
    for (const stream of this.#streams) {
      if (stream.writableLength > MOST_WAITING) stream.destroy()
      else stream.write(text)
    }
  }
}
