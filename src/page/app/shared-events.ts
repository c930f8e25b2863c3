/**
 * The events of a server, over one connection for all windows of a browser.
 *
 * A browser opens six connections to a server and no more: were each of six windows to hold one for
 * its events, a seventh would get no answer to anything. So one window listens, holding a lock, and
 * hands on to the others what it hears; when it goes, the next one has the lock. A window that nobody
 * sees takes no part, since a browser may stop it.
 *
 * Where a page may not have locks (plain HTTP from another machine) each window that is seen listens
 * for itself.
 */

/** What whoever listens is told. */
export interface EventListener {
  /** From here on nothing is missed: time to ask for all that was before. May come again. */
  live(): void
  /** The server is away; it is tried again. */
  lost(): void
  /** What an event says. */
  told(event: string, data: unknown): void
}

/** What one window says to another. */
type Word =
  | { readonly say: 'who' | 'live' | 'lost' }
  | { readonly say: 'told'; readonly event: string; readonly data: unknown }

const NAME = 'rivet-otel events'
const TRY_AGAIN_MS = 3000

/**
 * The events.
 *
 * @example
 * const events = new SharedEvents('/api/events', ['run'], listener)
 * events.open()
 */
export class SharedEvents {
  readonly #url: string
  readonly #names: readonly string[]
  readonly #listener: EventListener
  #stopping: AbortController | undefined

  /** @param names of the events that are wanted */
  constructor(url: string, names: readonly string[], listener: EventListener) {
    this.#url = url
    this.#names = names
    this.#listener = listener
  }

  /** Listens whenever the window is seen. */
  open(): void {
    document.addEventListener('visibilitychange', this.#look)
    this.#look()
  }

  /** Listens no longer. */
  close(): void {
    document.removeEventListener('visibilitychange', this.#look)
    this.#stop()
  }

  readonly #look = (): void => {
    if (document.hidden) this.#stop()
    else if (this.#stopping === undefined) this.#start()
  }

  #stop(): void {
    this.#stopping?.abort()
    this.#stopping = undefined
  }

  #start(): void {
    const stopping = new AbortController()
    const { signal } = stopping
    this.#stopping = stopping
    // The types promise locks to every page.
    const { locks }: { locks?: LockManager } = navigator
    if (locks === undefined) {
      this.#listen(signal, (word) => this.#hear(word))
      return
    }
    const channel = new BroadcastChannel(NAME)
    signal.addEventListener('abort', () => channel.close())
    channel.onmessage = ({ data }: MessageEvent<Word>) => this.#hear(data)
    // Whoever listens already says whether it is live.
    channel.postMessage({ say: 'who' } satisfies Word)
    const lead = () =>
      new Promise<void>((done) => {
        if (signal.aborted) return done()
        signal.addEventListener('abort', () => done())
        this.#lead(channel, signal)
      })
    locks.request(NAME, { signal }, lead).catch(() => {})
  }

  /** Listens for all windows. */
  #lead(channel: BroadcastChannel, signal: AbortSignal): void {
    let last: Word | undefined
    channel.onmessage = ({ data }: MessageEvent<Word>) => {
      if (data.say === 'who' && last !== undefined) channel.postMessage(last)
    }
    this.#listen(signal, (word) => {
      if (word.say !== 'told') last = word
      channel.postMessage(word)
      this.#hear(word)
    })
  }

  #listen(signal: AbortSignal, hear: (word: Word) => void): void {
    const events = new EventSource(this.#url)
    let again: ReturnType<typeof setTimeout> | undefined
    signal.addEventListener('abort', () => {
      clearTimeout(again)
      events.close()
    })
    events.addEventListener('open', () => hear({ say: 'live' }))
    events.addEventListener('error', () => {
      hear({ say: 'lost' })
      // After some answers a browser does not try again by itself.
      if (events.readyState !== EventSource.CLOSED) return
      clearTimeout(again)
      again = setTimeout(() => this.#listen(signal, hear), TRY_AGAIN_MS)
    })
    for (const event of this.#names)
      events.addEventListener(event, ({ data }) =>
        hear({ say: 'told', event, data: JSON.parse(data) }),
      )
  }

  #hear(word: Word): void {
    if (word.say === 'live') this.#listener.live()
    else if (word.say === 'lost') this.#listener.lost()
    else if (word.say === 'told') this.#listener.told(word.event, word.data)
  }
}
