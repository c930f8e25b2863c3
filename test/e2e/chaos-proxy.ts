/**
 * A real HTTP proxy on 127.0.0.1 in front of an OTLP receiver, which does to requests what networks,
 * balancers and busy receivers do to them.
 *
 * What it does to a request follows from the seed and the number of the request alone. It keeps the
 * body of every request that came in whole, whether the receiver has it, and whether the sender could
 * know that it has.
 */
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeResponse, encodeStatus } from '../receiver/otlp-messages.js'
import { type Answer, answerWith, bodyOf, onwardHeaders, post } from './proxied-http.js'
import { type SeededRandom, seededRandom } from './seeded-random.js'
import { spansOnWire } from './spans-on-wire.js'

/** What is done to a request, and how often of a hundred. */
const FAULTS = {
  /** Nothing. */
  pass: 51,
  /** It waits on its way. */
  delay: 8,
  /** The connection ends before the request is read. */
  refuse: 5,
  /** The connection ends half way, on both sides. */
  cut_request: 5,
  /** The receiver has it; the connection ends before or in the answer. */
  cut_answer: 6,
  /** 429 or 503, with the time to wait in seconds or as a date. */
  busy: 5,
  /** 500; the receiver may have it all the same. */
  error: 5,
  /** The receiver has it; the answer says that it rejected spans, or only remarks something. */
  partial: 5,
  /** 200 with something that is no OTLP answer; the receiver may have it. */
  babble: 4,
  /** Both ways in small pieces. */
  throttle: 5,
  /** The receiver has it; the answer never comes. */
  silence: 1,
}

/** What is done to a request. `poison`: 400, because of what is in it. */
export type Fault = keyof typeof FAULTS | 'poison'

/** A request that came in whole. */
export interface ProxiedRequest {
  /** Who sent it, as its header `x-exporter` says. */
  readonly exporter: string
  readonly body: Buffer
  fault: Fault
  /** Whether the receiver has it. */
  isHanded: boolean
  /** Whether the sender was told so, in a way that it had to understand. */
  isConfirmed: boolean
  /** How many requests were seen before it. */
  readonly number: number
  /** How long its confirmation took, in ms, as the proxy saw it. */
  tookMs?: number
  /** Whether nothing more happens to it. */
  isOver: boolean
}

/** How the proxy is to be. */
export interface ChaosOptions {
  /** The receiver, without a path. */
  readonly target: string
  /** Decides everything, together with the numbers of requests and connections. */
  readonly seed: readonly (string | number)[]
  /** Bytes that the receiver is made to refuse with 400, for as long as there is chaos. */
  readonly poison: string
  /** An answer that took longer, in ms, may have come too late. */
  readonly clearMs: number
}

/** One request on its way through the proxy. */
interface Exchange {
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  readonly random: SeededRandom
  readonly record: ProxiedRequest
  readonly begunMs: number
}

/** A proxy that runs. */
export class ChaosProxy {
  /** Every request that came in whole, in the order of their beginning. */
  readonly requests: ProxiedRequest[] = []
  /** How many requests had which fault, and how many connections were refused. */
  readonly counts: Record<Fault | 'refused_connection', number>
  /** Whether everything goes through as it came. */
  isCalm = false
  /** How many requests were seen, whole or not. */
  seen = 0
  readonly #options: ChaosOptions
  readonly #server: Server
  #connections = 0
  #underWay = 0

  private constructor(options: ChaosOptions) {
    this.#options = options
    const names = [...Object.keys(FAULTS), 'poison', 'refused_connection']
    this.counts = Object.fromEntries(names.map((name) => [name, 0])) as typeof this.counts
    this.#server = createServer((incoming, response) => void this.#take(incoming, response))
    this.#server.on('connection', (socket) => {
      const random = seededRandom(...options.seed, 'connection', this.#connections++)
      if (this.isCalm || random.next() > 0.05) return
      this.counts.refused_connection++
      socket.destroy()
    })
  }

  static async start(options: ChaosOptions): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(options)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Waits until nothing is on its way through it. */
  async idle(): Promise<void> {
    while (this.#underWay > 0) await sleep(20)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const number = this.seen++
    const random = seededRandom(...this.#options.seed, 'request', number)
    const fault = this.isCalm ? 'pass' : chosen(random)
    const exporter = String(incoming.headers['x-exporter'])
    const begunMs = performance.now()
    this.#underWay++
    try {
      if (fault === 'refuse') {
        this.counts.refuse++
        incoming.socket.destroy()
        return
      }
      if (fault === 'cut_request') {
        this.counts.cut_request++
        await this.#cutHalfWay(incoming)
        return
      }
      const body = await bodyOf(incoming)
      if (body === undefined) return
      const fate = { fault, isHanded: false, isConfirmed: false, isOver: false }
      const record: ProxiedRequest = { exporter, number, body, ...fate }
      this.requests.push(record)
      await this.#deal({ incoming, response, random, record, begunMs })
      record.isOver = true
      this.counts[record.fault]++
    } finally {
      this.#underWay--
    }
  }

  async #deal(exchange: Exchange): Promise<void> {
    const { incoming, response, random, record } = exchange
    switch (record.fault) {
      case 'delay':
        await sleep(random.upTo(400))
        return this.#relay(exchange)
      case 'cut_answer': {
        const answer = await this.#passOn(exchange)
        if (random.next() < 0.5) return void incoming.socket.destroy()
        response.writeHead(answer.status, { ...answer.headers, 'content-length': 100 })
        response.write('\n', () => response.destroy())
        return
      }
      case 'busy':
        return answerWith(response, {
          status: random.pick([429, 503]),
          headers: { 'retry-after': retryAfter(random) },
          body: Buffer.from('too much to do'),
        })
      case 'error':
        if (random.next() < 0.5) await this.#passOn(exchange)
        return answerWith(response, {
          status: 500,
          headers: { 'content-type': 'application/x-protobuf' },
          body: encodeStatus(13, 'something broke'),
        })
      case 'partial':
        return this.#accuse(exchange)
      case 'babble':
        if (random.next() < 0.5) await this.#passOn(exchange)
        return answerWith(response, random.pick(BABBLE))
      case 'throttle':
        return this.#relay(exchange, 6)
      case 'silence':
        await this.#passOn(exchange)
        if (!response.destroyed) await new Promise((resolve) => response.on('close', resolve))
        return
      default:
        return this.#relay(exchange)
    }
  }

  /** Passes the request on and the answer back, in so many pieces. */
  async #relay(exchange: Exchange, pieces = 1): Promise<void> {
    const answer = await this.#passOn(exchange, pieces)
    await this.#giveBack(exchange, answer, pieces)
  }

  /** Says of a request that the receiver took that some of its spans were rejected, or none. */
  async #accuse(exchange: Exchange): Promise<void> {
    const { response, random, record } = exchange
    const answer = await this.#passOn(exchange)
    if (!record.isHanded) return answerWith(response, answer)
    const spans = spansOnWire(record.body).length
    const rejected = random.next() < 0.2 ? 0 : 1 + random.upTo(spans - 1)
    const words = rejected === 0 || random.next() < 0.5 ? 'some were not to my liking' : ''
    const headers = { 'content-type': 'application/x-protobuf' }
    const accusation = { status: 200, headers, body: encodeResponse(rejected, words) }
    if (rejected > 0) await answerWith(response, accusation)
    else await this.#giveBack(exchange, accusation)
  }

  /** Gives an answer back that may confirm the request. */
  async #giveBack(exchange: Exchange, answer: Answer, pieces = 1): Promise<void> {
    const { response, record, begunMs } = exchange
    await answerWith(response, answer, pieces)
    record.tookMs = Math.round(performance.now() - begunMs)
    const isInTime = record.tookMs < this.#options.clearMs
    record.isConfirmed = record.isHanded && response.writableFinished && isInTime
  }

  async #passOn({ incoming, record }: Exchange, pieces = 1): Promise<Answer> {
    if (!this.isCalm && record.body.includes(this.#options.poison)) {
      record.fault = 'poison'
      return { status: 400, headers: {}, body: encodeStatus(3, 'this cannot be taken') }
    }
    const answer = await post(`${this.#options.target}${incoming.url}`, {
      headers: onwardHeaders(incoming),
      body: record.body,
      pieces,
    })
    record.isHanded = answer.status >= 200 && answer.status <= 299
    return answer
  }

  async #cutHalfWay(incoming: IncomingMessage): Promise<void> {
    const { socket } = incoming
    const half = Math.floor(Number(incoming.headers['content-length']) / 2)
    const onward = request(`${this.#options.target}${incoming.url}`, {
      method: 'POST',
      agent: false,
      headers: onwardHeaders(incoming),
    })
    onward.on('error', () => {})
    let passed = 0
    try {
      for await (const chunk of incoming as AsyncIterable<Buffer>) {
        const part = chunk.subarray(0, half - passed)
        await new Promise<void>((resolve) => onward.write(part, () => resolve()))
        passed += part.length
        if (passed >= half) break
      }
    } catch {
      // The sender is gone; so is its request.
    }
    onward.destroy()
    socket.destroy()
  }
}

const BABBLE: readonly [Answer, ...Answer[]] = [
  {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: Buffer.from('<!DOCTYPE html><title>Please log in</title>'),
  },
  {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from('{"status":"ok"}'),
  },
  {
    status: 200,
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from('ffffffffffffffff', 'hex'),
  },
]

function chosen(random: SeededRandom): Fault {
  let left = random.next() * Object.values(FAULTS).reduce((sum, weight) => sum + weight, 0)
  for (const [fault, weight] of Object.entries(FAULTS)) {
    left -= weight
    if (left < 0) return fault as Fault
  }
  return 'pass'
}

function retryAfter(random: SeededRandom): string {
  return random.next() < 0.5 ? '1' : new Date(Date.now() + 1500).toUTCString()
}
