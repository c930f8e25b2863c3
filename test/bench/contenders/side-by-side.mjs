// Runs contenders by turns in one process, warm: `node side-by-side.mjs LIST ROUNDS`, the list of [name, settings]. Prints the ms of
// every round after two that warm up. For small data, of which a process of its own would measure how its code is compiled.
const WARM_UP = 2
const [list = '[]', rounds = '5'] = process.argv.slice(2)
/** @type {[string, Record<string, unknown>][]} */
const wanted = JSON.parse(list)
const contenders = await Promise.all(
  wanted.map(async ([name, settings]) => {
    const { default: run } = await import(`./${name}.mjs`)
    return { name, settings, run, ms: /** @type {number[]} */ ([]) }
  }),
)
for (let round = 0; round < WARM_UP + Number(rounds); round++) {
  for (const { run, settings, ms } of contenders) {
    const took = await run(settings)
    if (round >= WARM_UP) ms.push(took)
  }
}
console.log(JSON.stringify(Object.fromEntries(contenders.map(({ name, ms }) => [name, ms]))))
