// Runs one contender in a process of its own and prints what it measured: `node alone.mjs NAME SETTINGS`. Modules are loaded before.
const [name = '', settings = '{}'] = process.argv.slice(2)
const { default: contender } = await import(`./${name}.mjs`)
console.log(JSON.stringify({ ms: await contender(JSON.parse(settings)) }))
