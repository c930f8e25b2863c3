// Starts the sink, and asks it what came.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { endWithUs } from './child.mjs'

/** @typedef {{ requests: number, bytes: number }} Received */

/** A sink that is running. */
export class SinkProcess {
  #child
  /** The base of its URLs. */
  url

  /** @param {import('node:child_process').ChildProcess} child @param {number} port */
  constructor(child, port) {
    this.#child = child
    this.url = `http://127.0.0.1:${port}`
  }

  /** @returns {Promise<SinkProcess>} */
  static async start() {
    const child = endWithUs(fork(fileURLToPath(new URL('sink.mjs', import.meta.url))))
    const [{ port }] = await once(child, 'message')
    return new SinkProcess(child, port)
  }

  /**
   * Counts what comes while something is done.
   *
   * @template T
   * @param {() => Promise<T>} action
   * @param {string} [folder] Where to keep the bodies, unpacked, a file each.
   * @returns {Promise<{ done: T, received: Received }>}
   */
  async during(action, folder) {
    if (folder !== undefined) mkdirSync(folder, { recursive: true })
    await this.#begin(folder)
    const done = await action()
    return { done, received: await this.#begin(undefined) }
  }

  stop() {
    this.#child.disconnect()
  }

  /** @param {string | undefined} folder @returns {Promise<Received>} */
  async #begin(folder) {
    const answer = once(this.#child, 'message')
    this.#child.send({ folder })
    const [received] = await answer
    return received
  }
}
