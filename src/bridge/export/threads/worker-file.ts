/** Where the program of the threads is. */

/**
 * The built `mapping-worker.ts`, one file with all that it needs.
 *
 * @example
 * new Worker(WORKER_FILE)
 */
export const WORKER_FILE = new URL('../../../cli/mapping-worker.js', import.meta.url)
