// Measures contenders by turns: A B C, A B C. What slows the machine down for a while meets all of them; no round is left out.

/**
 * @typedef {object} Measurement What one contender did in one round.
 * @property {number} ms The time that counts: from before the first read to the last acknowledgement, where the contender can
 *   tell it, else the whole process.
 * @property {number} wallMs The whole process, loading of modules included.
 * @property {number} cpuMs User and system time of the process.
 * @property {number} peakBytes
 *
 * @typedef {object} Contender
 * @property {string} name
 * @property {() => Promise<Measurement>} run
 */

/**
 * Runs every contender in every round.
 *
 * @param {readonly Contender[]} contenders
 * @param {number} rounds
 * @param {(message: string) => void} tell Told where it is.
 * @returns {Promise<Map<string, Measurement[]>>} By name, a measurement for each round.
 */
export async function measureByTurns(contenders, rounds, tell) {
  /** @type {Map<string, Measurement[]>} */
  const measured = new Map(contenders.map(({ name }) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const { name, run } of contenders) {
      tell(`round ${round} of ${rounds}: ${name}`)
      measured.get(name)?.push(await run())
    }
  }
  return measured
}
