/**
 * All runs that the server knows, as they are now: asked for once, then told of one by one.
 *
 * Whenever the connection comes back everything is asked for again, so nothing that happened
 * meanwhile is missed. It shows nothing itself.
 */
import type { RunSummary } from '../../view/run-view.js'
import { runKey } from './listed-runs.js'
import { SharedEvents } from './shared-events.js'
import { afterTold, TELLINGS, type Telling } from './told-runs.js'

/** What `GET /api/runs` answers. */
export interface RunsAnswer {
  /** Where the runs are read from, as messages name it. */
  readonly location: string
  /** Where runs can be sent to, and the file that keeps them; `null` where nothing is taken in. */
  readonly receiver: { readonly url: string; readonly file: string } | null
  /** The newest last. */
  readonly runs: readonly RunSummary[]
  /** What could not be read, one sentence each. */
  readonly problems: readonly string[]
}

/** What is known now. */
export interface FeedState extends RunsAnswer {
  /** `waiting` until the first answer came. */
  readonly phase: 'waiting' | 'known'
  /** Whether changes are told of. */
  readonly connection: 'opening' | 'live' | 'lost'
  /** Why the last question got no answer. */
  readonly failure: string | undefined
  /** The keys of the runs that came last, after the others were known. */
  readonly arrived: ReadonlySet<string>
}

const NOTHING_YET: FeedState = {
  phase: 'waiting',
  connection: 'opening',
  failure: undefined,
  arrived: new Set(),
  location: '',
  receiver: null,
  runs: [],
  problems: [],
}
/** A store that is sent a thousand runs tells of each; a page is drawn anew for all of them at once. */
const GATHER_MS = 100

/** The runs of a server. */
export class RunsFeed {
  #state = NOTHING_YET
  readonly #events: SharedEvents
  #gathering: ReturnType<typeof setTimeout> | undefined
  #told: Telling[] = []
  /** What was told while an answer was made, which may not have it. */
  #toldSinceAsked: Telling[] = []
  #asked = 0
  readonly #onChange: (state: FeedState) => void

  constructor(onChange: (state: FeedState) => void) {
    this.#onChange = onChange
    this.#events = new SharedEvents('/api/events', TELLINGS, {
      live: () => {
        this.#change({ connection: 'live' })
        void this.#ask()
      },
      lost: () => {
        this.#change({ connection: 'lost' })
        if (this.#state.phase === 'waiting') void this.#ask()
      },
      // The server sends what this page was built for: both are of one version.
      told: (event, data) => this.#hear({ event, data } as Telling),
    })
  }

  /** What is known before anything was asked. */
  static readonly empty = NOTHING_YET

  /** Begins to listen, and to ask. */
  open(): void {
    this.#events.open()
  }

  /** Asks and listens no longer. */
  close(): void {
    this.#asked++
    clearTimeout(this.#gathering)
    this.#events.close()
  }

  async #ask(): Promise<void> {
    const asked = ++this.#asked
    this.#toldSinceAsked = []
    try {
      const answer = await askJson<RunsAnswer>('/api/runs')
      if (asked !== this.#asked) return
      const known = afterTold(answer, this.#toldSinceAsked)
      this.#told = []
      const arrived =
        this.#state.phase === 'known' ? newIn(known.runs, this.#state.runs) : new Set<string>()
      this.#change({ ...answer, ...known, arrived, phase: 'known', failure: undefined })
    } catch (error) {
      if (asked === this.#asked) this.#change({ failure: reasonOf(error) })
    }
  }

  #hear(telling: Telling): void {
    this.#toldSinceAsked.push(telling)
    this.#told.push(telling)
    this.#gathering ??= setTimeout(() => this.#takeIn(), GATHER_MS)
  }

  #takeIn(): void {
    this.#gathering = undefined
    if (this.#told.length === 0) return
    const known = afterTold(this.#state, this.#told)
    this.#told = []
    this.#change({ ...known, arrived: newIn(known.runs, this.#state.runs) })
  }

  #change(changed: Partial<FeedState>): void {
    this.#state = { ...this.#state, ...changed }
    this.#onChange(this.#state)
  }
}

/**
 * Asks the server for something as JSON.
 *
 * @throws {Error} with the server's own words where it refuses.
 * @example
 * const view = await askJson<RunView>('/api/run?run_id=orders_1')
 */
export async function askJson<T>(url: string): Promise<T> {
  let response: Response
  try {
    response = await fetch(url, { headers: { accept: 'application/json' } })
  } catch {
    throw new Error('the server does not answer')
  }
  const answer = await response.json().catch(() => undefined)
  if (response.ok && answer !== undefined) return answer
  throw new Error(answer?.problem ?? `the server answered ${response.status}`)
}

/**
 * What to say of an error.
 *
 * @example
 * reasonOf(new Error('the server does not answer')) // 'the server does not answer'
 */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function newIn(runs: readonly RunSummary[], before: readonly RunSummary[]): Set<string> {
  const known = new Set(before.map(runKey))
  return new Set(runs.map(runKey).filter((key) => !known.has(key)))
}
