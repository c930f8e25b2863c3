/** The local server, put together: places, index, events, receiver and HTTP. */
import type { ListenAddress } from '../http/listening.js'
import type { RunView } from '../view/run-view.js'
import { EventStreams } from './event-streams.js'
import { type HttpServer, openHttpServer } from './http-server.js'
import { lookOn } from './look-on.js'
import type { Place } from './places/place.js'
import { type Places, RunsToRead } from './read-run.js'
import type { Receiver } from './receiver/receiver.js'
import { ORIGINS, type RunIndex } from './run-index.js'
import { tellNews } from './tell-news.js'

/** What is served. */
export interface ServeOptions {
  readonly listen: ListenAddress
  /** Names under which the server is also reached. */
  readonly allowHosts?: readonly string[]
  readonly index: RunIndex
  readonly places: Places
  readonly receiver?: Receiver | undefined
  /** A run as one HTML document. */
  readonly report: (view: RunView) => Promise<string>
  /** Told of what goes wrong. */
  readonly say: (message: string) => void
}

/** A local server that runs. */
export interface RunServer {
  /** Without a path. */
  readonly url: string
  /** Ends it, and lets go of the places; the receiver is the caller's. */
  close(): Promise<void>
}

/** How long after a request somebody counts as looking, in ms. */
const LOOKING_MS = 60_000

/**
 * Starts the server. It answers at once; runs appear as they are read.
 *
 * @throws {RivetOtelError} `INVALID_CONFIGURATION` where it cannot listen there.
 * @example
 * const server = await serveRuns({ listen, index, places: { from: place }, report, say })
 * console.log(server.url)
 * await server.close()
 */
export async function serveRuns(options: ServeOptions): Promise<RunServer> {
  const { listen, allowHosts = [], index, places, receiver, report, say } = options
  const streams = new EventStreams()
  const stopping = new AbortController()
  const all = ORIGINS.flatMap((origin) => {
    const place = places[origin]
    return place === undefined ? [] : [{ origin, place }]
  })
  const location = all.map(({ place }) => place.location).join(' and ')
  const parts = { index, runs: new RunsToRead(places, index), location, report }
  let server: HttpServer
  try {
    server = await openHttpServer({ listen, allowHosts, parts, streams, receiver, say })
  } catch (error) {
    streams.close()
    await closeAll(all.map(({ place }) => place))
    throw error
  }
  const stopNews = index.onNews((news) => {
    if (news.kind === 'problems')
      streams.send({ event: 'problems', data: { problems: news.problems } })
    else streams.send({ event: news.kind, data: news.run })
  })
  const stopTelling = tellNews(index)
  const isWatched = () => streams.count > 0 || performance.now() - server.askedAt() < LOOKING_MS
  const { signal } = stopping
  const looking = all.map(({ origin, place }) =>
    lookOn({ place, index, origin, isWatched, signal }).catch((error) => {
      say(`${place.location}: ${String(error)}`)
    }),
  )
  return {
    url: server.url,
    async close() {
      stopping.abort()
      stopTelling()
      stopNews()
      streams.close()
      await server.close()
      await Promise.all(looking)
      await closeAll(all.map(({ place }) => place))
    },
  }
}

async function closeAll(places: readonly Place[]): Promise<void> {
  await Promise.all(places.map((place) => place.close()))
}
